import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { removeTreeSync } from '../host/remove-tree.ts'
import { createLayerStack, type LayerStack } from './cache/layer-stack.ts'

const programs = [
  'sh',
  'cat',
  'env',
  'hostname',
  'id',
  'ln',
  'ls',
  'mkdir',
  'mv',
  'pwd',
  'setpriv',
  'sleep',
  'stat',
  'touch',
  'unlink',
]

/** Why tests that run programs in a root are skipped here, or undefined: for `describe.skipIf`. */
export const sandboxMissing: string | undefined =
  process.getuid?.() !== 0
    ? 'needs root'
    : which('bwrap') === undefined
      ? 'needs bwrap (package bubblewrap)'
      : undefined

/** A new folder that goes when the tests of this file are done. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-test-'))
  chmodSync(folder, 0o755)
  afterAll(() => removeTreeSync(folder))
  return folder
}

/** Fills a folder with a very small Linux: a shell, a few programs of this host, and two users. */
export function makeTinyRoot(root: string): string {
  for (const folder of ['usr/bin', 'usr/sbin', 'etc', 'root', 'tmp', 'var', 'dev', 'proc', 'run', 'sys']) {
    mkdirSync(join(root, folder), { recursive: true })
    chmodSync(join(root, folder), 0o755)
  }
  chmodSync(root, 0o755)
  for (const name of programs) addProgram(root, name)
  mkdirSync(join(root, 'bin'))
  copyFileSync(join(root, 'usr/bin/sh'), join(root, 'bin/sh'))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nlab:x:1000:1001::/home/lab:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nlab:x:1001:\nvideo:x:44:lab\naudio:x:29:lab,root\n')
  return root
}

/**
 * Does something with the layers of an image whose tree `root` has, and makes the changed tree the new `root`. `work`: an empty folder
 * beside it, which is empty again afterwards.
 */
export async function changeTree<T>(root: string, work: string, what: (stack: LayerStack) => Promise<T>): Promise<T> {
  const [merged, upper] = [join(work, 'root'), join(work, 'upper')]
  for (const folder of [merged, upper]) mkdirSync(folder)
  const stack = createLayerStack(work, merged)
  stack.add(root)
  const result = await stack.change(upper, async () => await what(stack))
  stack.add(upper)
  await stack.show()
  execFileSync('cp', ['-a', merged, `${root}.new`])
  stack.hide()
  removeTreeSync(root)
  renameSync(`${root}.new`, root)
  for (const name of readdirSync(work)) if (!name.startsWith('sandbox-')) removeTreeSync(join(work, name))
  return result
}

function addProgram(root: string, name: string): void {
  const found = which(name)
  if (found === undefined) throw new Error(`the tests need the program ${name}`)
  copyFileSync(found, join(root, 'usr/bin', name))
  const libraries = execFileSync('ldd', [found], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const library of libraries) {
    const target = join(root, library)
    if (existsSync(target)) continue
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(library, target)
  }
}

function which(name: string): string | undefined {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = join(folder, name)
    if (existsSync(path)) return realpathSync(path)
  }
  return undefined
}
