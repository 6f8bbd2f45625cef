import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pour } from '../formats/pour.ts'
import { withFolderLock } from '../host/lock.ts'
import { removeTree } from '../host/remove-tree.ts'
import { run } from '../host/run.ts'
import { IngotError, ioError } from '../image/error.ts'
import { type FoundImage, findServedImage, type Which } from './find.ts'
import { renditionOf } from './renditions.ts'
import type { Store } from './store.ts'
import { checkBlob, openStoredImage, renditionFiles, type StoredFile } from './stored-image.ts'
import { noteUse } from './use.ts'

/**
 * Mounts an image's tree read-only on an empty folder, which is made when it is missing. A squashfs, the image's own or a rendition
 * that is made for it, is mounted by the kernel; with `unpack`, or where the kernel cannot, the tree is unpacked in the store's home and
 * bound there. Returns which of the two it was. Throws 'unsupported' for an ordinary user, 'exists' for a folder that is not empty.
 */
export async function mountImage(
  store: Store,
  name: string,
  folder: string,
  options: Which & { readonly unpack?: boolean; readonly warn: (message: string) => void },
): Promise<'squashfs' | 'unpacked'> {
  if (process.getuid?.() !== 0) {
    throw new IngotError('unsupported', 'mounting needs root', {
      hint: 'Use sudo, or unpack it: ingot image export NAME --to dir.',
    })
  }
  const target = resolve(folder)
  await mkdir(target, { recursive: true }).catch((error) => {
    throw ioError(`make the folder ${target}`, error)
  })
  if ((await readdir(target)).length > 0) throw new IngotError('exists', `${target} is not empty`)
  const found = await findServedImage(await store.catalog(), name, options)
  noteUse(store.database, found.id)
  if (!options.unpack) {
    const squashfs = await squashfsOf(store, found, options.warn)
    await checkBlob(store.blobs, squashfs)
    const mounted = await run(
      'mount',
      ['-t', 'squashfs', '-o', 'ro,loop,nodev', store.blobs.path(squashfs.digest), target],
      {
        accept: [0, 1, 32],
      },
    )
    if (mounted.exitCode === 0) return 'squashfs'
    options.warn(`the kernel does not mount squashfs here (${mounted.stderr.split('\n')[0]}): unpacking`)
  }
  await bindUnpacked(store, found, target, options.warn)
  return 'unpacked'
}

/** Takes such a mount away, and what was unpacked for it. Throws 'command-failed' while it is in use, 'not-found' where none is. */
export async function unmountImage(store: Store, folder: string): Promise<void> {
  const target = resolve(folder)
  const source = await mountedFrom(target)
  const ours = /\/mounts\/tree-[0-9a-f]{12}-\d+$/.test(source) || source.startsWith('/dev/loop')
  if (!ours) throw new IngotError('not-found', `${target} is no mounted image`)
  await run('umount', [target])
  await removeUnbound(store)
}

async function squashfsOf(store: Store, found: FoundImage, warn: (message: string) => void): Promise<StoredFile> {
  const own = await renditionFiles(await store.catalog(), found.id)
  const isSquashfs = (file: StoredFile) => file.suffix.endsWith('.squashfs')
  const wish = { to: 'lxd', variant: 'split-squashfs' }
  const file = own.find(isSquashfs) ?? (await renditionOf(store, found, wish, warn)).find(isSquashfs)
  if (!file) throw new IngotError('corrupt', `the image ${found.record.fingerprint} has no squashfs`)
  return file
}

function unpackedFolder(store: Store): string {
  return join(store.path, 'mounts')
}

async function bindUnpacked(
  store: Store,
  found: FoundImage,
  target: string,
  warn: (message: string) => void,
): Promise<void> {
  const parent = unpackedFolder(store)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await removeUnbound(store)
  const tree = join(parent, `tree-${found.record.fingerprint.slice(0, 12)}-${process.pid}`)
  const image = await openStoredImage(store, found)
  await withFolderLock(parent, async () => {
    await pour([image], { to: 'dir', out: tree, warn })
    await run('mount', ['--bind', tree, target])
    await run('mount', ['-o', 'remount,bind,ro,nodev', target])
  })
}

/** Removes unpacked trees that are mounted nowhere, those of killed processes among them. */
async function removeUnbound(store: Store): Promise<void> {
  const parent = unpackedFolder(store)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await withFolderLock(parent, async () => {
    const mounts = await readFile('/proc/self/mountinfo', 'utf8')
    for (const name of await readdir(parent)) {
      if (!mounts.includes(`/${name} `)) await removeTree(join(parent, name))
    }
  })
}

/** What is mounted on a folder (proc_pid_mountinfo(5)): a device, or for a bind mount the folder in its file system. */
async function mountedFrom(target: string): Promise<string> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n')
  const escaped = target.replace(/[\\ \t\n]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
  const line = lines.findLast((text) => text.split(' ')[4] === escaped)
  if (line === undefined) throw new IngotError('not-found', `nothing is mounted on ${target}`)
  const [mount, device] = line.split(' - ')
  const root = mount!.split(' ')[3]!
  return root === '/' ? device!.split(' ')[1]! : root
}
