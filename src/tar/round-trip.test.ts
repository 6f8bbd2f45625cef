import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyOf, type Entry } from '../image/entry.ts'
import { type ByteStream, collect } from '../image/stream.ts'
import { readTar } from './read.ts'
import { anyChunking, anyEntries } from './test-arbitrary.ts'
import { listEntries, type ReadEntry } from './test-archive.ts'
import { writeTar } from './write.ts'

async function* entriesOf(list: readonly ReadEntry[]): AsyncGenerator<Entry> {
  for (const { content, ...header } of list) yield { ...header, body: bodyOf(Buffer.from(content, 'latin1')) }
}

async function* cut(bytes: Buffer, sizes: readonly number[]): ByteStream {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

test('what is written is read back, however the bytes are cut', async () => {
  const property = fc.asyncProperty(anyEntries, anyChunking, fc.boolean(), async (list, sizes, dotted) => {
    const archive = await collect(writeTar(entriesOf(list), { prefix: dotted ? './' : '' }))
    expect(archive.length % 512).toBe(0)
    expect(await listEntries(readTar(cut(archive, sizes), { name: 'x' }))).toEqual(list)
  })
  await fc.assert(property, { numRuns: 150 })
})

test('what was read is written again as the same bytes', async () => {
  const property = fc.asyncProperty(anyEntries, anyChunking, async (list, sizes) => {
    const archive = await collect(writeTar(entriesOf(list)))
    const again = await collect(writeTar(readTar(cut(archive, sizes), { name: 'x' })))
    expect(again.equals(archive)).toBe(true)
  })
  await fc.assert(property, { numRuns: 60 })
})

test('skipping bodies gives the same headers as reading them', async () => {
  const property = fc.asyncProperty(anyEntries, anyChunking, async (list, sizes) => {
    const archive = await collect(writeTar(entriesOf(list)))
    const paths: string[] = []
    for await (const entry of readTar(cut(archive, sizes), { name: 'x' })) paths.push(entry.path)
    expect(paths).toEqual(list.map(({ path }) => path))
  })
  await fc.assert(property, { numRuns: 60 })
})
