import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFile } from '../../host/file.ts'
import { digestHex, digestOf } from '../../image/digest.ts'
import { flatten } from '../../layers/flatten.ts'
import { dockerFormat } from '../docker/index.ts'
import { fileSink } from '../sink.ts'
import type { Format, ImageInput, Rendition } from '../types.ts'
import { ociArchiveFormat, ociFormat } from './index.ts'
import { contentsOf, file, plainImage, plainLayer, tarOf } from './test-layouts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-oci-format-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const image = (name: string) => plainImage([plainLayer([file('f', name)])], {}, [name])

async function write(format: Format, name: string, out: string): Promise<Rendition> {
  const sink = fileSink({ out: join(folder, out), defaultName: async () => 'x' })
  const rendition = await format.write([image(name)], { warn: () => undefined, flatten }, sink)
  await sink.commit()
  return rendition
}

async function fileInput(name: string): Promise<ImageInput> {
  const path = join(folder, name)
  return { display: path, parts: [{ kind: 'file', path, file: await openFile(path) }] }
}

function directoryInput(name: string): ImageInput {
  return { display: name, parts: [{ kind: 'directory', path: join(folder, name) }] }
}

test('a directory is made, then added to; the rendition says digest, fingerprint and names', async () => {
  const first = await write(ociFormat, 'one', 'layout')
  expect(first).toMatchObject({ format: 'oci', variant: 'dir', files: [], names: ['one'] })
  expect(first.fingerprint).toBe(digestHex(first.digest!))
  const manifest = await readFile(join(folder, 'layout/blobs/sha256', first.fingerprint!))
  expect(digestOf(manifest)).toBe(first.digest)
  await write(ociFormat, 'two', 'layout')
  const input = directoryInput('layout')
  expect(await ociFormat.detect(input)).toBe(true)
  expect((await ociFormat.list(input, {})).map(({ names }) => names)).toEqual([['one'], ['two']])
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
})

test.each([
  [ociArchiveFormat, dockerFormat],
  [dockerFormat, ociArchiveFormat],
])('an archive is one file, and detected as what it is, compressed too', async (format, other) => {
  const name = `${format.name}.tar`
  const { files } = await write(format, 'one', name)
  const bytes = await readFile(join(folder, name))
  expect(files).toEqual([{ path: join(folder, name), size: bytes.length, sha256: digestHex(digestOf(bytes)) }])
  await writeFile(join(folder, `${name}.gz`), gzipSync(bytes))
  for (const path of [name, `${name}.gz`]) {
    const input = await fileInput(path)
    expect(await format.detect(input)).toBe(true)
    expect(await other.detect(input)).toBe(false)
    const opened = await (await format.list(input, {}))[0]!.open()
    expect(await contentsOf(opened.layers[0]!)).toMatchObject([{ path: 'f', content: 'one' }])
  }
})

test('a damaged compressed archive is reported when it is read, not taken for something else', async () => {
  await write(ociArchiveFormat, 'one', 'cut.tar')
  const bytes = gzipSync(await readFile(join(folder, 'cut.tar')))
  await writeFile(join(folder, 'cut.tar.gz'), bytes.subarray(0, bytes.length - 200))
  const input = await fileInput('cut.tar.gz')
  expect(await ociArchiveFormat.detect(input)).toBe(true)
  await expect(ociArchiveFormat.list(input, {})).rejects.toMatchObject({ name: 'IngotError' })
})

test('what is no layout is not detected, and inputs of the wrong kind are usage errors', async () => {
  await writeFile(join(folder, 'rootfs.tar'), tarOf([file('etc'), file('oci-layout'), file('index.json')]))
  const input = await fileInput('rootfs.tar')
  expect(await ociArchiveFormat.detect(input)).toBe(false)
  expect(await ociFormat.detect(input)).toBe(false)
  expect(await ociFormat.detect(directoryInput('nowhere'))).toBe(false)
  await expect(ociFormat.list(input, {})).rejects.toMatchObject({ code: 'usage' })
  await expect(ociArchiveFormat.list(directoryInput('.'), {})).rejects.toMatchObject({ code: 'usage' })
})
