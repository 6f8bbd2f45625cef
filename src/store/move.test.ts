import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import { listXattrs, makeNode, setXattr } from '../host/native.ts'
import { openWorkFolder } from '../host/work-folder.ts'
import { createAlias } from './aliases.ts'
import { listImages } from './catalog/list.ts'
import { checkStore } from './check.ts'
import { deleteImages } from './delete.ts'
import { importImage } from './import.ts'
import { moveStore } from './move.ts'
import { openStore, storeFolders } from './store.ts'

const folder = ownFolder('move')
const inputs = join(folder, 'inputs')
const isRoot = process.getuid?.() === 0
const memory = mkdtempSync('/dev/shm/ingot-move-')
afterAll(() => rmSync(memory, { recursive: true }))
let count = 0

/** A home with an image, a log, and a layer of a build as root makes them. */
async function makeHome(): Promise<string> {
  const home = join(folder, `home-${count++}`)
  await withStore(home, async (store) => {
    await importImage(store, await writeImage(inputs, `moved-${count}`), { aliases: ['moved'] })
  })
  mkdirSync(join(home, 'logs'))
  writeFileSync(join(home, 'logs', 'build.log'), 'text')
  const files = join(home, 'cache/layers/key/files')
  mkdirSync(files, { recursive: true })
  writeFileSync(join(files, 'ping'), 'x')
  linkSync(join(files, 'ping'), join(files, 'ping6'))
  symlinkSync('nowhere', join(files, 'link'))
  if (!isRoot) return home
  makeNode(Buffer.from(join(files, 'gone')), 'char', 0, 0, 0)
  chownSync(join(files, 'ping'), 1000, 8)
  chmodSync(join(files, 'ping'), 0o4711)
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  setXattr(Buffer.from(join(files, 'ping')), 'security.capability', capability)
  return home
}

/** What a layer must keep of its files. */
function describeTree(path: string): unknown {
  const { mode, uid, gid, rdev, nlink, mtimeMs } = lstatSync(path)
  const names = lstatSync(path).isDirectory() ? readdirSync(path).sort() : []
  const inside = names.map((name) => [name, describeTree(join(path, name))])
  const xattrs = [...listXattrs(Buffer.from(path))].map(([name, value]) => [name, value.toString('hex')])
  return { mode, uid, gid, rdev, mtimeMs, xattrs, inside, links: inside.length > 0 ? 0 : nlink }
}

describe.each([
  ['the same disk', folder],
  ['another disk', memory],
])('to %s', (_, parent) => {
  const isOther = parent === memory

  test('a moved store is found at both places, and nobody writes to the old one', async () => {
    const home = await makeHome()
    const to = join(parent, `new-${count}`)
    const layers = describeTree(join(home, 'cache'))
    const { blobs, catalog } = storeFolders(home)
    const blob = join(blobs, readdirSync(blobs)[0]!)
    const inode = statSync(blob).ino
    const other = await openStore(home)
    await withStore(home, async (store) => {
      await expect(moveStore(store, join(home, 'inside'))).rejects.toMatchObject({ code: 'usage' })
      await moveStore(store, to)
    })
    expect(describeTree(join(to, 'cache'))).toEqual(layers)
    expect(readFileSync(join(to, 'logs/build.log'), 'utf8')).toBe('text')
    expect(lstatSync(home).isSymbolicLink()).toBe(true)
    expect(statSync(blob).ino === inode).toBe(!isOther)
    expect(statSync(catalog).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
    await expect(createAlias(other, 'lost', 'moved')).rejects.toMatchObject({ code: 'io', hint: 'Try again.' })
    other.close()
    for (const path of [home, to]) {
      await withStore(path, async (store) => {
        expect(listImages(store.database)[0]!.aliases.map((alias) => alias.name)).toContain('moved')
        await createAlias(store, `at-${path === home}`, 'moved')
        expect(await checkStore(store, false)).toEqual([])
      })
    }
    // And once more, by the link.
    const further = join(folder, `further-${count}`)
    await withStore(home, async (store) => await moveStore(store, further))
    expect(lstatSync(to).isSymbolicLink()).toBe(true)
    await withStore(home, async (store) => expect(await checkStore(store, false)).toEqual([]))
  })

  test('a store without images', async () => {
    const home = await makeHome()
    const to = join(parent, `without-${count}`)
    await withStore(home, async (store) => {
      await deleteImages(store, ['moved'])
      await moveStore(store, to)
    })
    expect(readFileSync(join(to, 'cache/layers/key/files/ping'), 'utf8')).toBe('x')
    await withStore(home, async (store) => expect(await checkStore(store, false)).toEqual([]))
  })

  test('what fails leaves both as they were', async () => {
    const home = await makeHome()
    const { blobs } = storeFolders(home)
    const blob = join(blobs, readdirSync(blobs)[0]!)
    const bytes = readFileSync(blob)
    if (isOther) writeFileSync(blob, Buffer.alloc(bytes.length))
    else rmSync(blob)
    await withStore(home, async (store) => {
      const work = await openWorkFolder(storeFolders(home).temporary, 'build-')
      await expect(moveStore(store, join(parent, 'busy'))).rejects.toMatchObject({ code: 'io' })
      await work.remove()
      expect(existsSync(join(parent, 'busy'))).toBe(false)
      const code = isOther ? 'corrupt' : 'not-found'
      for (const to of [join(parent, 'failed'), join(parent, 'failed-empty')]) {
        if (to.endsWith('empty')) mkdirSync(to)
        await expect(moveStore(store, to)).rejects.toMatchObject({ code })
        expect(existsSync(to)).toBe(to.endsWith('empty'))
        if (existsSync(to)) expect(readdirSync(to)).toEqual([])
      }
      writeFileSync(blob, bytes)
      expect(await checkStore(store, false)).toEqual([])
    })
    expect(lstatSync(home).isDirectory()).toBe(true)
  })
})
