import { expect, test } from 'vitest'
import { collect } from '../image/stream.ts'
import { indexMembers, membersHaveDotPrefix } from './members.ts'
import { block, data, end, file, memoryFile, meta, pax } from './test-archive.ts'

async function contents(...archive: Buffer[]): Promise<Record<string, string>> {
  const members = await indexMembers(memoryFile(Buffer.concat(archive)))
  const list = await Promise.all(
    [...members].map(async ([name, member]) => [name, (await collect(member.open())).toString()]),
  )
  return Object.fromEntries(list)
}

test('names without ./ to their bytes, as a whole and in part', async () => {
  const archive = Buffer.concat([
    block({ name: './', type: '5' }),
    file('{}', { name: './manifest.json' }),
    file('0123456789', { name: 'blobs/sha256/abc' }),
    meta('L', `${'n'.repeat(200)}\0`),
    file('long'),
    end,
  ])
  const members = await indexMembers(memoryFile(archive, 'image.tar'))
  expect([...members.keys()]).toEqual(['manifest.json', 'blobs/sha256/abc', 'n'.repeat(200)])
  const blob = members.get('blobs/sha256/abc')!
  expect(blob).toMatchObject({ name: 'image.tar: blobs/sha256/abc', size: 10 })
  const part = async (start?: number, end?: number) => (await collect(blob.open(start, end))).toString()
  expect(await part()).toBe('0123456789')
  expect(await part(3)).toBe('3456789')
  expect(await part(3, 5)).toBe('34')
  expect(await part(8, 5000)).toBe('89')
})

test('only headers are read of large members', async () => {
  const large = Buffer.alloc(32 * 1024 * 1024)
  const parts: Buffer[] = []
  for (let i = 0; i < 4; i++) parts.push(block({ name: `large${i}`, size: large.length }), large)
  const archive = memoryFile(Buffer.concat([...parts, file('x', { name: 'last' }), end]))
  const members = await indexMembers(archive)
  expect([...members.values()].map(({ size }) => size)).toEqual([
    large.length,
    large.length,
    large.length,
    large.length,
    1,
  ])
  expect(archive.bytesRead).toBeLessThan(500_000)
})

test('symlinks over several levels, hard links, and those that lead nowhere', async () => {
  const link = (name: string, target: string, type = '2') => block({ name, type, link: target })
  const members = await contents(
    file('layer', { name: 'aaa/layer.tar' }),
    link('bbb/layer.tar', '../aaa/layer.tar'),
    link('ccc/layer.tar', '../bbb/./layer.tar'),
    link('ddd', './ccc/layer.tar', '1'),
    link('later', 'eee', '1'),
    link('loop1', 'loop2'),
    link('loop2', 'loop1'),
    link('dangling', 'nothing'),
    link('outside', '../aaa/layer.tar'),
    link('absolute', '/aaa/layer.tar'),
    link('self', 'self', '1'),
    file('e', { name: 'eee' }),
    end,
  )
  expect(members).toEqual({
    'aaa/layer.tar': 'layer',
    'bbb/layer.tar': 'layer',
    'ccc/layer.tar': 'layer',
    ddd: 'layer',
    later: 'e',
    eee: 'e',
  })
})

test('the last entry of a name counts', async () => {
  const twice = [file('old', { name: 'a' }), file('new', { name: './a' }), end]
  expect(await contents(...twice)).toEqual({ a: 'new' })
  expect(await contents(file('old', { name: 'a' }), block({ name: 'a', type: '5' }), end)).toEqual({})
})

test('sparse members read with their holes', async () => {
  const archive = Buffer.concat([
    pax({ 'GNU.sparse.size': '12', 'GNU.sparse.map': '2,3,6,4' }),
    block({ name: 'f', size: 7 }),
    data('abcdefg'),
    end,
  ])
  const full = '\0\0abc\0defg\0\0'
  const member = (await indexMembers(memoryFile(archive))).get('f')!
  expect(member.size).toBe(12)
  for (let start = 0; start <= 12; start++) {
    for (let stop = start; stop <= 13; stop++) {
      expect((await collect(member.open(start, stop))).toString()).toBe(full.slice(start, stop))
    }
  }
})

test('refused as by readTar', async () => {
  await expect(contents(block({ name: '../x' }), end)).rejects.toMatchObject({ code: 'bad-input' })
  await expect(contents(block({ name: 'x', size: 100 }), Buffer.alloc(5))).rejects.toThrow('the archive ends early')
  await expect(contents()).rejects.toThrow('not a tar archive: it is empty')
})

test('too many members', async () => {
  const many = Buffer.concat(Array.from({ length: 1000 }, () => block({ name: 'x' })))
  const blocks = 1_000_001
  const endless = {
    name: 'many.tar',
    size: blocks * 512,
    async *open(start = 0, stop = blocks * 512) {
      for (let at = start; at < stop; at += many.length) yield many.subarray(0, Math.min(many.length, stop - at))
    },
  }
  await expect(indexMembers(endless)).rejects.toMatchObject({ code: 'limit' })
})

test('whether members are named with ./', async () => {
  const dotted = (...archive: Buffer[]) => membersHaveDotPrefix(memoryFile(Buffer.concat(archive)))
  expect(await dotted(block({ name: './', type: '5' }), file('x', { name: './a' }), end)).toBe(true)
  expect(await dotted(block({ name: './', type: '5' }), file('x', { name: 'a' }), end)).toBe(false)
  expect(await dotted(file('x', { name: 'a' }), file('x', { name: './b' }), end)).toBe(false)
  expect(await dotted(end)).toBe(false)
})
