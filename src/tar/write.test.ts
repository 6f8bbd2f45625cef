import { expect, test } from 'vitest'
import { bodyOf, type Entry, type EntryHeader, emptyBody, makeHeader } from '../image/entry.ts'
import { type ByteStream, collect } from '../image/stream.ts'
import { readEntries } from './test-archive.ts'
import { encodeHeader, endOfArchive, padding, writeTar } from './write.ts'

async function* stream(...entries: Entry[]): AsyncGenerator<Entry> {
  yield* entries
}

function text(block: Buffer, at: number, length: number): string {
  return block.toString('latin1', at, at + length)
}

test('a plain header is one ustar block, byte for byte', () => {
  const block = encodeHeader(
    makeHeader({
      path: 'etc/motd',
      type: 'file',
      mode: 0o4755,
      uid: 1000,
      gid: 100,
      size: 300,
      mtime: 1700000000n * 10n ** 9n,
    }),
  )
  expect(block).toHaveLength(512)
  const expected = Buffer.alloc(512)
  const write = (at: number, value: string) => expected.write(value, at, 'latin1')
  write(0, 'etc/motd')
  write(100, '0004755\x000001750\x000000144\x0000000000454\x0014524770400\0')
  write(148, '        ')
  write(156, '0')
  write(257, 'ustar\x0000')
  write(329, '0000000\x000000000\0')
  const sum = expected.reduce((a, b) => a + b, 0)
  write(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  expect(block).toEqual(expected)
})

test('names: the root, directories, the prefix option', () => {
  const name = (fields: Partial<EntryHeader> & Pick<EntryHeader, 'path' | 'type'>, prefix: '' | './' = '') =>
    text(encodeHeader(makeHeader(fields), { prefix }), 0, 100).replace(/\0+$/, '')
  expect(name({ path: '', type: 'directory' })).toBe('./')
  expect(name({ path: '', type: 'directory' }, './')).toBe('./')
  expect(name({ path: 'a/b', type: 'directory' })).toBe('a/b/')
  expect(name({ path: 'a/b', type: 'directory' }, './')).toBe('./a/b/')
  const hard = encodeHeader(makeHeader({ path: 'b', type: 'hardlink', linkTarget: 'a' }), { prefix: './' })
  expect(text(hard, 157, 4)).toBe('./a\0')
  const soft = encodeHeader(makeHeader({ path: 'b', type: 'symlink', linkTarget: 'a' }), { prefix: './' })
  expect(text(soft, 157, 4)).toBe('a\0\0\0')
})

test('names up to 100 bytes, split in two up to 256, and in an extended header beyond', async () => {
  const blocks = (path: string) => encodeHeader(makeHeader({ path, type: 'file' })).length / 512
  expect(blocks('n'.repeat(100))).toBe(1)
  expect(blocks('n'.repeat(101))).toBe(3)
  expect(blocks(`${'p'.repeat(155)}/${'n'.repeat(100)}`)).toBe(1)
  expect(blocks(`${'p'.repeat(156)}/${'n'.repeat(100)}`)).toBe(3)
  expect(blocks(`p/${'n'.repeat(101)}`)).toBe(3)
  expect(blocks('caf\xe9')).toBe(3)
  const slash = `${'p'.repeat(120)}/`
  const directory = makeHeader({ path: slash.slice(0, -1), type: 'directory' })
  expect((await readEntries([encodeHeader(directory), endOfArchive]))[0]!.path).toBe(directory.path)
})

test('what ustar cannot say goes into records, in order, and only then', () => {
  const header = encodeHeader({
    ...makeHeader({
      path: 'caf\xe9',
      type: 'file',
      uid: 3000000000,
      gid: 4294967294,
      size: 8 ** 11,
      mtime: -1_500_000_000n,
    }),
    xattrs: new Map([
      ['user.z', Buffer.from('1')],
      ['user.a=', Buffer.from('\0\n')],
      ['user.empty', Buffer.alloc(0)],
    ]),
  })
  const size = Number.parseInt(text(header, 124, 11), 8)
  // In the ustar block itself these fields are 0, and the name has its raw bytes.
  const ustar = header.subarray(-512)
  expect(text(ustar, 0, 5)).toBe('caf\xe9\0')
  expect(text(ustar, 108, 40)).toBe('0000000\x000000000\x0000000000000\x0000000000000\0')
  expect(text(header, 0, 11)).toBe('PaxHeaders\0')
  expect(text(header, 512, size)).toBe(
    '29 SCHILY.xattr.user.a%3D=\0\n\n' +
      '28 SCHILY.xattr.user.empty=\n' +
      '25 SCHILY.xattr.user.z=1\n' +
      '18 gid=4294967294\n' +
      '14 mtime=-1.5\n' +
      '13 path=caf\xe9\n' +
      '19 size=8589934592\n' +
      '18 uid=3000000000\n',
  )
})

test('the largest values that ustar says itself', () => {
  const largest = makeHeader({ path: 'f', type: 'file', uid: 2097151, gid: 2097151, size: 8 ** 11 - 1 })
  expect(encodeHeader({ ...largest, mtime: BigInt(8 ** 11 - 1) * 10n ** 9n })).toHaveLength(512)
  expect(encodeHeader({ ...largest, mtime: BigInt(8 ** 11) * 10n ** 9n })).toHaveLength(1536)
})

test('record lengths over a digit boundary', async () => {
  for (let length = 80; length < 120; length++) {
    const value = Buffer.alloc(length - 20, 'v')
    const header = { ...makeHeader({ path: 'f', type: 'file' }), xattrs: new Map([['user.a', value]]) }
    expect((await readEntries([encodeHeader(header), endOfArchive]))[0]!.xattrs.get('user.a')).toEqual(value)
  }
})

test('refused: what would break the archive, and what no header can hold', () => {
  const cases: [Partial<EntryHeader> & Pick<EntryHeader, 'path' | 'type'>, string][] = [
    [{ path: 'a\0b', type: 'file' }, 'bad-input'],
    [{ path: '', type: 'file' }, 'bad-input'],
    [{ path: 'l', type: 'symlink', linkTarget: '' }, 'bad-input'],
    [{ path: 'l', type: 'hardlink', linkTarget: 'a\0' }, 'bad-input'],
    [{ path: 'f', type: 'file', uid: -1 }, 'bad-input'],
    [{ path: 'f', type: 'file', gid: 2 ** 32 - 1 }, 'bad-input'],
    [{ path: 'f', type: 'file', size: Number.NaN }, 'bad-input'],
    [{ path: 'f', type: 'file', mode: 0o10000 }, 'bad-input'],
    [{ path: 'f', type: 'file', xattrs: new Map([['', Buffer.alloc(1)]]) }, 'bad-input'],
    [{ path: 'c', type: 'char', devMajor: 2097152 }, 'unsupported'],
    [{ path: 'f', type: 'file', mtime: 2n ** 63n * 10n ** 9n }, 'unsupported'],
  ]
  for (const [fields, code] of cases) {
    expect(() => encodeHeader(makeHeader(fields))).toThrow(expect.objectContaining({ code }))
  }
  expect(() => encodeHeader(makeHeader({ path: 'a\xff', type: 'file', uid: -1 }))).toThrow(
    'cannot write "a\\xff" to a tar archive: its uid -1 is not a whole number',
  )
})

test('padding', () => {
  expect(padding(0)).toHaveLength(0)
  expect(padding(1)).toEqual(Buffer.alloc(511))
  expect(padding(512)).toHaveLength(0)
  expect(padding(8 ** 11 + 511)).toEqual(Buffer.alloc(1))
})

test('an archive ends with two zero blocks, also an empty one', async () => {
  expect(await collect(writeTar(stream()))).toEqual(Buffer.alloc(1024))
  const header = makeHeader({ path: 'f', type: 'file', size: 3 })
  const archive = await collect(writeTar(stream({ ...header, body: bodyOf(Buffer.from('abc')) })))
  expect(archive).toEqual(Buffer.concat([encodeHeader(header), Buffer.from('abc'), Buffer.alloc(509 + 1024)]))
})

test('a body of another size than promised', async () => {
  const header = makeHeader({ path: 'dir/f', type: 'file', size: 3 })
  const write = (body: ByteStream) => collect(writeTar(stream({ ...header, body })))
  await expect(write(bodyOf(Buffer.from('ab')))).rejects.toMatchObject({
    code: 'corrupt',
    message: '"dir/f": its content has 2 bytes where its header promises 3',
  })
  await expect(write(bodyOf(Buffer.from('abcd')))).rejects.toMatchObject({
    code: 'corrupt',
    message: '"dir/f": its content has more than 3 bytes where its header promises 3',
  })
})

test('small pieces are gathered, large ones pass through, and chunks that went out stay as they are', async () => {
  const small = Buffer.alloc(5000, 's')
  const large = Buffer.alloc(1024 * 1024, 'l')
  const entries: Entry[] = []
  for (let i = 0; i < 400; i++) {
    const content = i === 200 ? large : small
    entries.push({ ...makeHeader({ path: `f${i}`, type: 'file', size: content.length }), body: bodyOf(content) })
  }
  const chunks: Buffer[] = []
  const copies: Buffer[] = []
  for await (const chunk of writeTar(stream(...entries))) {
    chunks.push(chunk)
    copies.push(Buffer.from(chunk))
  }
  expect(chunks).toContain(large)
  expect(chunks.length).toBeLessThan(10)
  expect(Buffer.concat(chunks).equals(Buffer.concat(copies))).toBe(true)
  const read = await readEntries(chunks)
  expect(read.map(({ content }) => content.length)).toEqual(entries.map(({ size }) => size))
  expect(read[200]!.content === large.toString()).toBe(true)
})

test('leaving early closes the entries', async () => {
  let closed = false
  async function* entries(): AsyncGenerator<Entry> {
    try {
      for (;;) yield { ...makeHeader({ path: 'd', type: 'directory' }), body: emptyBody }
    } finally {
      closed = true
    }
  }
  for await (const chunk of writeTar(entries())) {
    expect(chunk.length).toBeGreaterThan(100_000)
    break
  }
  expect(closed).toBe(true)
})
