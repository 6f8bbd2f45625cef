import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { ownFolder, smallTree, withStore, writeImage } from '../../test/support/store.ts'
import { treeLayer } from '../../test/support/trees.ts'
import { openImage } from '../formats/pour.ts'
import { flatten } from '../layers/flatten.ts'
import { createAlias, deleteAlias, listAliases, renameAlias } from './aliases.ts'
import { listImages } from './catalog/list.ts'
import { deleteImages } from './delete.ts'
import { exportImage } from './export.ts'
import { findImage, findServedImage } from './find.ts'
import { importImage } from './import.ts'
import { writeSetting } from './settings.ts'
import { storeFolders } from './store.ts'
import { verifyImages } from './verify.ts'

const folder = ownFolder('store')
const inputs = join(folder, 'inputs')
let count = 0
const home = () => join(folder, `home-${count++}`)
const warn = () => undefined
const blobsOf = (path: string) => readdirSync(storeFolders(path).blobs)

const forms = [
  ['rootfs', undefined],
  ['lxd', 'unified'],
  ['lxd', 'split-tar'],
  ['lxd', 'split-squashfs'],
  ['docker', undefined],
  ['oci-archive', undefined],
  ['proxmox', 'template'],
] as const

test.each(forms)('%s %s: what came in goes out again, byte for byte', async (to, variant) => {
  const reference = await writeImage(inputs, 'whole', to, variant)
  const paths = reference.slice(reference.indexOf(':') + 1).split(',')
  await withStore(home(), async (store) => {
    const { fingerprint, existed } = await importImage(store, reference, { aliases: ['whole'] })
    expect(existed).toBe(false)
    const out = join(folder, `out-${count}/`)
    mkdirSync(out)
    const rendition = await exportImage(store, 'whole', { out, warn })
    expect(rendition.fingerprint).toBe(fingerprint)
    expect(rendition.files).toHaveLength(paths.length)
    for (const [i, file] of rendition.files.entries()) {
      expect(readFileSync(file.path).equals(readFileSync(paths[i]!))).toBe(true)
      expect(file.path).toMatch(to === 'proxmox' ? /proxmox-template/ : /whole\.[a-z.]+/)
    }
    if (to === 'lxd') {
      const sum = execFileSync('sh', ['-c', 'cat "$@" | sha256sum', 'sh', ...paths]).toString()
      expect(fingerprint).toBe(sum.slice(0, 64))
    }
  })
})

test('an OCI layout goes in blob by blob and keeps its digest; a directory becomes a tar', async () => {
  const layout = await writeImage(inputs, 'layout', 'oci')
  await withStore(home(), async (store) => {
    const { fingerprint } = await importImage(store, layout, { aliases: ['layout'] })
    const out = join(folder, `layout-${count}`)
    const rendition = await exportImage(store, 'layout', { out, warn })
    expect(rendition.digest).toBe(`sha256:${fingerprint}`)
    const { image } = await openImage(`oci:${out}`)
    expect(await recordsOf(flatten(image.layers))).toEqual(await recordsOf(treeLayer(smallTree('layout'))))
  })
  if (process.getuid?.() !== 0) return
  const tree = await writeImage(inputs, 'tree', 'dir')
  await withStore(home(), async (store) => {
    await importImage(store, tree, { aliases: ['tree'] })
    const { files } = await exportImage(store, 'tree', { out: join(folder, 'tree.tar.zst'), warn })
    const { image } = await openImage(files[0]!.path)
    expect(await recordsOf(image.layers[0]!)).toEqual(await recordsOf(treeLayer(smallTree('tree'))))
  })
})

test('the same image twice is one image, with the aliases of both', async () => {
  const reference = await writeImage(inputs, 'twice')
  const path = home()
  await withStore(path, async (store) => {
    const first = await importImage(store, reference, { aliases: ['a'] })
    const again = await importImage(store, reference, { aliases: ['b', 'c'], public: true, properties: { x: 'y' } })
    expect(again).toEqual({ fingerprint: first.fingerprint, existed: true, moved: [] })
    const [record, ...others] = listImages(store.database)
    expect(others).toEqual([])
    expect(record).toMatchObject({ public: true, properties: { os: 'debian', x: 'y' }, architecture: 'x86_64' })
    expect(record!.aliases.map((alias) => alias.name)).toEqual(['a', 'b', 'c'])
    expect(blobsOf(path)).toHaveLength(1)
  })
})

test('an alias moves to a new image in one step, and the old one is kept as replaced', async () => {
  const [one, two] = [await writeImage(inputs, 'one'), await writeImage(inputs, 'two')]
  await withStore(home(), async (store) => {
    const old = await importImage(store, one, { aliases: ['lab', 'lab/1'] })
    const now = await importImage(store, two, { aliases: ['lab'] })
    expect(now.moved).toEqual(['lab'])
    const catalog = await store.catalog()
    expect((await findImage(catalog, 'lab')).record.fingerprint).toBe(now.fingerprint)
    expect((await findImage(catalog, 'lab/1')).record).toMatchObject({
      fingerprint: old.fingerprint,
      replacedAt: undefined,
    })
    await importImage(store, two, { aliases: ['lab/1'] })
    expect((await findImage(catalog, old.fingerprint)).record.replacedAt).toBeGreaterThan(1e9)
    await createAlias(store, 'back', old.fingerprint.slice(0, 8))
    expect((await findImage(catalog, 'back')).record.replacedAt).toBeUndefined()
  })
})

test('aliases: one for each architecture, made, renamed, listed and deleted', async () => {
  const [one, two] = [await writeImage(inputs, 'amd'), await writeImage(inputs, 'arm')]
  await withStore(home(), async (store) => {
    const amd = await importImage(store, one, { aliases: ['debian/12'] })
    const arm = await importImage(store, two)
    const catalog = await store.catalog()
    await catalog
      .updateTable('images')
      .set({ architecture: 'aarch64' })
      .where('fingerprint', '=', arm.fingerprint)
      .execute()
    await createAlias(store, 'debian/12', arm.fingerprint, { description: 'for the Pi' })
    const fingerprint = async (architecture?: 'x86_64' | 'aarch64') =>
      (await findImage(catalog, 'debian/12', { architecture })).record.fingerprint
    expect(await fingerprint('x86_64')).toBe(amd.fingerprint)
    expect(await fingerprint('aarch64')).toBe(arm.fingerprint)
    expect(await fingerprint()).toBe(process.arch === 'arm64' ? arm.fingerprint : amd.fingerprint)
    expect(await listAliases(catalog, 'debian')).toHaveLength(2)

    await renameAlias(store, 'debian/12', 'debian/bookworm')
    await createAlias(store, 'cafe\u0301', 'debian/bookworm')
    await renameAlias(store, 'cafe\u0301', 'caf\u00e9') // both are the same name
    await deleteAlias(store, 'caf\u00e9')
    await expect(findImage(catalog, 'debian/12')).rejects.toMatchObject({ code: 'not-found' })
    await expect(renameAlias(store, 'nothing', 'x')).rejects.toMatchObject({ code: 'not-found' })
    await createAlias(store, 'other', amd.fingerprint)
    await expect(renameAlias(store, 'other', 'debian/bookworm')).rejects.toMatchObject({ code: 'exists' })
    await deleteAlias(store, 'debian/bookworm', { architecture: 'aarch64' })
    expect((await listAliases(catalog)).map((alias) => `${alias.name} ${alias.architecture}`)).toEqual([
      'debian/bookworm x86_64',
      'other x86_64',
    ])
    await expect(createAlias(store, 'other', arm.fingerprint, { architecture: 'aarch64' })).resolves.toBeUndefined()
    await expect(deleteAlias(store, 'gone')).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('names that are refused, and look-ups that find nothing or too much', async () => {
  const reference = await writeImage(inputs, 'names')
  const path = home()
  await withStore(path, async (store) => {
    for (const alias of ['', 'a b', '-x', '/x', 'x/', 'a//b', 'x\u001b[31m', 'x'.repeat(300)]) {
      await expect(importImage(store, reference, { aliases: [alias] })).rejects.toMatchObject({ code: 'usage' })
    }
    expect(readdirSync(storeFolders(path).temporary)).toEqual([])
    await importImage(store, reference, { aliases: ['système', '镜像'] })
    const catalog = await store.catalog()
    expect((await findImage(catalog, 'système'.normalize('NFD'))).record.aliases).toHaveLength(2)
    await expect(findImage(catalog, 'systeme')).rejects.toThrow(/did you mean "système"/)
    await expect(findImage(catalog, 'zz')).rejects.toMatchObject({ code: 'not-found' })
    const other = await importImage(store, await writeImage(inputs, 'names2'))
    const row = { fingerprint: `${listImages(store.database)[0]!.fingerprint.slice(0, 63)}0` }
    await catalog.updateTable('renditions').set(row).where('fingerprint', '=', other.fingerprint).execute()
    await expect(findImage(catalog, row.fingerprint.slice(0, 10))).rejects.toMatchObject({ code: 'usage' })
  })
})

test('deleting frees the space, shared blobs with the last that needs them; a dry run frees none', async () => {
  const [one, two] = [await writeImage(inputs, 'same', 'oci'), await writeImage(inputs, 'same', 'oci-archive')]
  const path = home()
  await withStore(path, async (store) => {
    const layout = await importImage(store, one, { aliases: ['layout'] })
    const archive = await importImage(store, two, { aliases: ['archive'] })
    expect(archive).toMatchObject({ fingerprint: layout.fingerprint, existed: true })
    const second = await importImage(store, await writeImage(inputs, 'newer'), { aliases: ['second'] })
    const before = blobsOf(path).length
    const dry = await deleteImages(store, ['layout', second.fingerprint], { dryRun: true })
    expect(dry.images).toHaveLength(2)
    expect(blobsOf(path)).toHaveLength(before)
    await expect(deleteImages(store, ['layout', 'nothing'])).rejects.toMatchObject({ code: 'not-found' })
    expect(blobsOf(path)).toHaveLength(before)
    expect((await deleteImages(store, ['layout', 'archive', 'second'])).bytes).toBe(dry.bytes)
    expect(blobsOf(path)).toEqual([])
    expect(listImages(store.database)).toEqual([])
  })
})

test('a rendition is made once, kept, and has the same bytes after it was dropped', async () => {
  const path = home()
  await withStore(path, async (store) => {
    await importImage(store, await writeImage(inputs, 'rendered', 'docker'), { aliases: ['r'] })
    for (const to of ['proxmox', 'lxd', 'rootfs'] as const) {
      const give = async (name: string) => {
        const out = join(folder, `${name}-${count++}/`)
        mkdirSync(out)
        const { files } = await exportImage(store, 'r', { to, out, warn })
        return files.map((file) => file.sha256)
      }
      const first = await give(to)
      const kept = blobsOf(path)
      expect(await give(to)).toEqual(first)
      expect(blobsOf(path)).toEqual(kept)
      const { prune } = await import('./lifecycle/prune.ts')
      const now = Math.floor(Date.now() / 1000) + 40 * 86400
      expect((await prune(store, { now })).removed).toMatchObject([{ reason: 'rendition', format: to }])
      expect(blobsOf(path).length).toBeLessThan(kept.length)
      expect(await give(to)).toEqual(first)
      await prune(store, { now })
    }
  })
})

test('expired images are not given, unless the store is told to keep them', async () => {
  await withStore(home(), async (store) => {
    const reference = await writeImage(inputs, 'expired')
    await importImage(store, reference, { aliases: ['old'], expiresAt: 1_000_000_000 })
    const catalog = await store.catalog()
    await expect(findServedImage(catalog, 'old')).rejects.toThrow(/expired on 2001-09-09/)
    await expect(exportImage(store, 'old', { out: join(folder, 'no'), warn })).rejects.toMatchObject({
      code: 'not-found',
    })
    await writeSetting(catalog, 'images.expired', 'keep')
    await expect(findServedImage(catalog, 'old')).resolves.toBeDefined()
    await expect(writeSetting(catalog, 'images.expired', 'maybe')).rejects.toMatchObject({ code: 'usage' })
  })
})

test('damaged blobs are reported and never given', async () => {
  const path = home()
  await withStore(path, async (store) => {
    await importImage(store, await writeImage(inputs, 'damaged', 'lxd', 'split-squashfs'), { aliases: ['d'] })
    const files = blobsOf(path).map((name) => join(storeFolders(path).blobs, name))
    const large = files.reduce((a, b) => (statSync(a).size > statSync(b).size ? a : b))
    const bytes = readFileSync(large)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(large, bytes)
    const found = []
    for await (const result of verifyImages(store)) found.push(result)
    expect(found).toMatchObject([{ problems: [expect.stringContaining('digest')] }])
    const out = join(folder, `damaged-${count}/`)
    mkdirSync(out)
    await expect(exportImage(store, 'd', { out, warn })).rejects.toMatchObject({ code: 'corrupt' })
    for (const to of ['rootfs', 'dir', 'lxd', 'docker']) {
      await expect(exportImage(store, 'd', { to, out: join(out, to), warn, force: true })).rejects.toMatchObject({
        code: 'corrupt',
      })
    }
    expect(readdirSync(out)).toEqual([])
    rmSync(large)
    await expect(exportImage(store, 'd', { out, warn })).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('an image that is damaged before it comes is refused, and leaves nothing', async () => {
  const reference = await writeImage(inputs, 'before', 'docker')
  const file = reference.slice(reference.indexOf(':') + 1)
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(file, bytes)
  const path = home()
  await withStore(path, async (store) => {
    await expect(importImage(store, reference)).rejects.toMatchObject({
      code: expect.stringMatching(/corrupt|bad-input/),
    })
    expect(blobsOf(path)).toEqual([])
    expect(readdirSync(storeFolders(path).temporary)).toEqual([])
  })
})

test('a store of a newer Ingot is left alone, and what is no catalog is said so', async () => {
  const path = home()
  await withStore(path, async (store) => store.database.exec('PRAGMA user_version = 1000'))
  await expect(withStore(path, async () => {})).rejects.toMatchObject({ code: 'unsupported' })
  const broken = home()
  mkdirSync(broken)
  writeFileSync(join(broken, 'catalog.db'), 'this is no database, but long enough to be looked at as one'.repeat(100))
  await expect(withStore(broken, async () => {})).rejects.toMatchObject({
    code: 'corrupt',
    hint: expect.stringContaining('repair'),
  })
  expect(existsSync(join(broken, 'catalog.db'))).toBe(true)
})
