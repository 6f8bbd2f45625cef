import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { item, tortureTree, treeLayer } from '../../test/support/trees.ts'
import { type Digest, digestOf } from '../image/digest.ts'
import type { EntryStream } from '../image/entry.ts'
import type { Compression } from '../image/layer.ts'
import { type ByteFile, type ByteStream, collect } from '../image/stream.ts'
import { writeTar } from '../tar/write.ts'
import { type TarLayerSource, tarLayer } from './tar-layer.ts'

const tar = await collect(writeTar(treeLayer(tortureTree).entries()))
const garbage = Buffer.alloc(3000, 'garbage after the end')

function fileOf(bytes: Buffer): ByteFile {
  return {
    name: 'memory',
    size: bytes.length,
    async *open(start = 0, end = bytes.length) {
      for (let at = start; at < end; at += 1000) yield bytes.subarray(at, Math.min(at + 1000, end))
    },
  }
}

/** A layer that promises what is true of `stored` and `plain`. */
function source(
  stored: Buffer,
  plain: Buffer,
  compression: Compression,
  changes: Partial<TarLayerSource> = {},
): TarLayerSource {
  const blob = { digest: digestOf(stored), size: stored.length, compression }
  return { name: 'test.tar', file: fileOf(stored), diffId: digestOf(plain), blob, whiteouts: true, ...changes }
}

async function drain(entries: EntryStream | ByteStream): Promise<void> {
  for await (const _ of entries);
}

/** All three ways to read a layer must say the same. */
async function expectAll(of: TarLayerSource, code: string | undefined): Promise<void> {
  const layer = tarLayer(of)
  const readings = [() => drain(layer.entries()), () => drain(layer.tar!()), () => drain(layer.blob!.open())]
  for (const [index, reading] of readings.entries()) {
    const blobKnowsNothing = index === 2 && of.diffId !== undefined && of.diffId.endsWith('0'.repeat(60))
    if (code === undefined || blobKnowsNothing) await reading()
    else await expect(reading()).rejects.toMatchObject({ code, message: expect.stringContaining('test.tar') })
  }
}

const wrong: Digest = `sha256:abcd${'0'.repeat(60)}`

test.each<[Compression, (plain: Buffer) => Buffer]>([
  ['none', (plain) => plain],
  ['gzip', (plain) => gzipSync(plain)],
  ['zstd', (plain) => zstdCompressSync(plain)],
])('%s: what was promised is kept, and found out when it is not', async (compression, pack) => {
  const stored = pack(tar)
  const promised = source(stored, tar, compression)
  expect(await recordsOf(tarLayer(promised))).toEqual(await recordsOf(treeLayer(tortureTree)))
  expect(await collect(tarLayer(promised).tar!())).toEqual(tar)
  expect(await collect(tarLayer(promised).blob!.open())).toEqual(stored)
  await expectAll(promised, undefined)
  const { blob } = promised
  await expectAll({ ...promised, blob: { ...blob!, digest: wrong } }, 'corrupt')
  await expectAll({ ...promised, blob: { ...blob!, size: stored.length + 1 } }, 'corrupt')
  await expectAll({ ...promised, blob: { ...blob!, size: stored.length - 1 } }, 'corrupt')
  await expectAll({ ...promised, diffId: wrong }, 'corrupt')
})

test('what follows the archive’s end inside the compressed stream counts', async () => {
  const longer = Buffer.concat([tar, garbage])
  for (const [compression, stored] of [
    ['none', longer],
    ['gzip', gzipSync(longer)],
    ['zstd', zstdCompressSync(longer)],
  ] as const) {
    await expectAll(source(stored, longer, compression), undefined)
    await expect(drain(tarLayer(source(stored, tar, compression)).entries())).rejects.toMatchObject({ code: 'corrupt' })
    expect(await collect(tarLayer(source(stored, longer, compression)).tar!())).toEqual(longer)
  }
})

test('several gzip members, and zeros after the last', async () => {
  const members = Buffer.concat([gzipSync(tar.subarray(0, 1500)), gzipSync(tar.subarray(1500)), Buffer.alloc(700)])
  await expectAll(source(members, tar, 'gzip'), undefined)
})

test('a stream that was cut off is an error even where nothing was promised', async () => {
  for (const stored of [
    tar.subarray(0, 5000),
    gzipSync(tar).subarray(0, 400),
    zstdCompressSync(tar).subarray(0, 400),
  ]) {
    const layer = tarLayer({ name: 'test.tar', file: fileOf(stored), whiteouts: false })
    await expect(drain(layer.entries())).rejects.toMatchObject({ code: 'bad-input' })
  }
})

test('sha512', async () => {
  const stored = gzipSync(tar)
  const blob = { digest: digestOf(stored, 'sha512'), size: stored.length, compression: 'gzip' } as const
  await expectAll(source(stored, tar, 'gzip', { blob, diffId: digestOf(tar, 'sha512') }), undefined)
  const other: Digest = `sha512:abcd${'0'.repeat(124)}`
  await expectAll(source(stored, tar, 'gzip', { blob: { ...blob, digest: other } }), 'corrupt')
  await expectAll(source(stored, tar, 'gzip', { blob, diffId: other }), 'corrupt')
})

test('each promise stands alone', async () => {
  const stored = gzipSync(tar)
  const file = fileOf(stored)
  const onlyDiffId = tarLayer({ name: 'test.tar', file, diffId: wrong, whiteouts: true })
  expect(onlyDiffId.blob).toBeUndefined()
  await expect(drain(onlyDiffId.entries())).rejects.toMatchObject({ code: 'corrupt' })
  const blob = { digest: wrong, size: stored.length, compression: 'gzip' } as const
  const onlyBlob = tarLayer({ name: 'test.tar', file, blob, whiteouts: true })
  expect(onlyBlob.diffId).toBeUndefined()
  await expect(drain(onlyBlob.entries())).rejects.toMatchObject({ code: 'corrupt' })
})

test('the first look sees the same entries, and leaves the checking to the second', async () => {
  const layer = tarLayer(source(gzipSync(tar), tar, 'gzip', { diffId: wrong }))
  const paths: string[] = []
  for await (const { path } of layer.headers!()) paths.push(path)
  expect(paths).toEqual(tortureTree.map(({ header }) => header.path))
})

test('limits hold for all that is unpacked', async () => {
  const limited = { ...source(gzipSync(tar), tar, 'gzip'), limits: { maxBytes: 1000 } }
  const layer = tarLayer(limited)
  for (const reading of [layer.entries(), layer.tar!()]) {
    await expect(drain(reading)).rejects.toMatchObject({ code: 'limit' })
  }
})

test('absolute names: the image’s root in OCI layers, refused elsewhere', async () => {
  const names = await collect(
    writeTar(treeLayer([item({ path: 'xetc', type: 'directory' }), item({ path: 'xetc/f', type: 'file' })]).entries()),
  )
  const absolute = withAbsoluteNames(names)
  const paths: string[] = []
  for await (const { path } of tarLayer(source(absolute, absolute, 'none')).entries()) paths.push(path)
  expect(paths).toEqual(['etc', 'etc/f'])
  const plain = tarLayer(source(absolute, absolute, 'none', { whiteouts: false }))
  await expect(drain(plain.entries())).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('absolute'),
  })
})

/** Names that begin with x begin with / instead; checksums made right. */
function withAbsoluteNames(archive: Buffer): Buffer {
  const bytes = Buffer.from(archive)
  for (let at = 0; at < bytes.length; at += 512) {
    if (bytes[at] !== 'x'.charCodeAt(0)) continue
    bytes[at] = '/'.charCodeAt(0)
    bytes.fill(' ', at + 148, at + 156)
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
  }
  return bytes
}

test('an archive cut off before its end marker is refused, unless a digest promises that it is whole', async () => {
  const cut = tar.subarray(0, tar.length - 1024)
  const promised = tarLayer(source(cut, cut, 'none', { whiteouts: false }))
  expect((await recordsOf(promised)).size).toBe(tortureTree.length)
  const bare = tarLayer({ name: 'test.tar', file: fileOf(cut), whiteouts: false })
  await expect(drain(bare.entries())).rejects.toMatchObject({ code: 'bad-input' })
})

test('the first header is to be had for little reading', async () => {
  const noise = randomBytes(30_000_000)
  const big = await collect(writeTar(treeLayer([...tortureTree, item({ path: 'z', type: 'file' }, noise)]).entries()))
  const xattrs = new Map([['user.big', randomBytes(90_000)]])
  const wide = await collect(writeTar(treeLayer([item({ path: 'x', type: 'file', xattrs }), ...tortureTree]).entries()))
  const none = await collect(writeTar(treeLayer([]).entries()))
  for (const pack of [
    (plain: Buffer) => plain,
    (plain: Buffer) => gzipSync(plain),
    (plain: Buffer) => zstdCompressSync(plain),
  ]) {
    let given = 0
    const first = (plain: Buffer) => {
      const file = fileOf(pack(plain))
      async function* counted(): ByteStream {
        for await (const chunk of file.open()) {
          given += chunk.length
          yield chunk
        }
      }
      return tarLayer({ name: 'test.tar', file: { ...file, open: counted }, whiteouts: true }).first!()
    }
    expect(await first(big)).toMatchObject({ path: '', type: 'directory' })
    expect(given).toBeLessThan(1_000_000)
    expect(await first(wide)).toMatchObject({ path: 'x', xattrs })
    expect(await first(none)).toBeUndefined()
    await expect(first(big.subarray(0, 300))).rejects.toMatchObject({ code: 'bad-input' })
  }
})
