import { expect, test } from 'vitest'
import { readTar } from './read.ts'
import { block, chunked, data, end, file, meta, pax, readEntries, readOne, record } from './test-archive.ts'

test('a ustar entry with all its fields', async () => {
  const entry = await readOne(
    file('hello', { name: 'bin/tool', mode: '0104755', uid: '0001750', mtime: '14524570400', prefix: 'usr/local' }),
  )
  expect(entry).toEqual({
    path: 'usr/local/bin/tool',
    type: 'file',
    mode: 0o4755,
    uid: 1000,
    gid: 0,
    mtime: BigInt(0o14524570400) * 1_000_000_000n,
    size: 5,
    linkTarget: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: new Map(),
    content: 'hello',
  })
})

test('every type', async () => {
  const device = (made: Buffer) => void made.write('0000010\x000000377\0', 329, 'latin1')
  const entries = await readEntries([
    block({ name: './', type: '5' }),
    block({ name: 'dir/', type: '5' }),
    file('a'),
    file('b', { name: 'contiguous', type: '7' }),
    file('c', { name: 'old', type: '\0', format: 'v7' }),
    block({ name: 'old-dir/', type: '\0', format: 'v7' }),
    block({ name: 'link', type: '2', link: '../anywhere/./x/' }),
    block({ name: 'hard', type: '1', link: './file' }),
    block({ name: 'null', type: '3', edit: device }),
    block({ name: 'disk', type: '4', edit: device }),
    block({ name: 'pipe', type: '6' }),
    block({ name: 'label', type: 'V' }),
    end,
  ])
  expect(entries.map(({ path, type, linkTarget }) => [path, type, linkTarget])).toEqual([
    ['', 'directory', ''],
    ['dir', 'directory', ''],
    ['file', 'file', ''],
    ['contiguous', 'file', ''],
    ['old', 'file', ''],
    ['old-dir', 'directory', ''],
    ['link', 'symlink', '../anywhere/./x/'],
    ['hard', 'hardlink', 'file'],
    ['null', 'char', ''],
    ['disk', 'block', ''],
    ['pipe', 'fifo', ''],
  ])
  expect(entries[8]).toMatchObject({ devMajor: 8, devMinor: 255 })
})

test('the prefix field is not a prefix in GNU and version 7 headers, and shorter in star’s', async () => {
  expect((await readOne(block({ format: 'gnu', prefix: '14524570400' }))).path).toBe('file')
  expect((await readOne(block({ format: 'v7', prefix: 'junk' }))).path).toBe('file')
  const edit = (made: Buffer) => {
    made.write('14524570400', 476, 'latin1')
    made.write('tar\0', 508, 'latin1')
  }
  expect((await readOne(block({ prefix: 'folder', edit }))).path).toBe('folder/file')
})

test('numbers: base-256, spaces, and too much of either', async () => {
  const at =
    (offset: number, ...bytes: number[]) =>
    (made: Buffer) =>
      void Buffer.from(bytes).copy(made, offset)
  expect((await readOne(block({ edit: at(108, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe) }))).uid).toBe(4294967294)
  expect((await readOne(block({ uid: '  17 \0' }))).uid).toBe(0o17)
  expect((await readOne(block({ uid: '\0\0\0\0\0\0\0\0' }))).uid).toBe(0)
  const minusTwo = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]
  expect((await readOne(block({ edit: at(136, ...minusTwo) }))).mtime).toBe(-2_000_000_000n)
  const size = block({ edit: at(124, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3) })
  expect((await readOne(size, data('abc'))).content).toBe('abc')

  for (const edit of [
    at(108, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), // 2^32−1 is no user
    at(108, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), // −1 is none either
    at(124, ...minusTwo),
    at(124, 0x80, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0), // 2^53
    at(136, 0x80, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0), // 2^63 seconds and more
    at(100, 0x39, 0x39),
  ]) {
    await expect(readEntries([block({ edit }), end])).rejects.toMatchObject({ code: 'bad-input' })
  }
})

test('the checksum may be of signed bytes', async () => {
  expect((await readOne(block({ name: 'caf\xe9', signed: true }))).path).toBe('caf\xe9')
  const wrong = block({})
  wrong[0] = 0x78
  await expect(readEntries([file('x'), wrong, end])).rejects.toMatchObject({
    code: 'bad-input',
    message: 'test.tar: a header has a wrong checksum at byte 1024',
  })
  await expect(readEntries([Buffer.alloc(600, 'no tar')])).rejects.toMatchObject({
    code: 'bad-input',
    message: 'test.tar: not a tar archive: no header at byte 0',
  })
})

test('PAX records override the header, global ones too, and an empty one takes back', async () => {
  const entries = await readEntries([
    pax({ uid: '3000000000', mtime: '1.5' }, 'g'),
    pax({ path: './long\nname\xff', gid: '70000', uid: '' }),
    block({ uid: '0000005' }),
    block({ name: 'second', uid: '0000005' }),
    pax({ path: '' }),
    block({ name: 'third' }),
    end,
  ])
  expect(entries).toMatchObject([
    { path: 'long\nname\xff', uid: 5, gid: 70000, mtime: 1_500_000_000n },
    { path: 'second', uid: 3000000000, gid: 0 },
    { path: 'third', uid: 3000000000 },
  ])
})

test('PAX times to the nanosecond, before 1970 too', async () => {
  const mtime = async (text: string) => (await readOne(pax({ mtime: text }), block({}))).mtime
  expect(await mtime('1700000000.123456789')).toBe(1700000000123456789n)
  expect(await mtime('1700000000.1234567899')).toBe(1700000000123456789n)
  expect(await mtime('-1.25')).toBe(-1250000000n)
  expect(await mtime('-0.000000001')).toBe(-1n)
  expect(await mtime('17179869184')).toBe(17179869184_000000000n)
  for (const text of ['x', '1.x', '--1', '1e3', '99999999999999999999']) {
    await expect(mtime(text)).rejects.toMatchObject({ code: 'bad-input' })
  }
})

test('PAX sizes above 8 GiB', async () => {
  const archive = Buffer.concat([pax({ size: '8589934592' }), block({}), data('short')])
  await expect(readEntries(archive)).rejects.toMatchObject({
    code: 'bad-input',
    message: 'test.tar: the archive ends early, at byte 2048 (entry "file")',
  })
  for await (const entry of readTar(chunked(archive), { name: 'big' })) {
    expect(entry.size).toBe(8589934592)
    break
  }
})

test('PAX record lengths over a digit boundary', async () => {
  for (const length of [99, 101, 999, 1001, 1002]) {
    const value = 'x'.repeat(length - ' path=\n'.length - String(length).length)
    expect(record('path', value)).toHaveLength(length)
    expect((await readOne(pax({ path: value }), block({}))).path).toBe(value)
  }
})

test('broken PAX records', async () => {
  const broken: [string, string][] = [
    ['11 path=abc', 'its byte 0, a record of length 11 does not end with a newline'],
    ['99 path=abc\n', "its byte 0, a record's length 99 does not fit where 12 bytes are left"],
    ['path=abc\n', 'its byte 0, a record does not begin with its length'],
    ['-9 path=abc\n', 'does not begin with its length'],
    ['012 path=abc\n', 'does not begin with its length'],
    ['3 \n', 'a record has no `=`'],
    ['8 =value\n', 'does not end with a newline'],
    ['9 =value\n', 'a record has no keyword'],
    ['9 pathabc\n', 'does not end with a newline'],
    [`${record('path', 'ok')}0 x=\n`, 'its byte 11, a record does not begin with its length'],
    ['1 x=\n', 'length 1 does not fit'],
    ['99999999999999999999 a=b\n', 'does not begin with its length'],
  ]
  for (const [text, message] of broken) {
    await expect(readEntries([meta('x', text), block({}), end])).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(message),
    })
  }
})

test('NUL in names and link targets', async () => {
  for (const records of [{ path: 'a\0b' }, { linkpath: 'a\0b' }]) {
    await expect(readEntries([pax(records), block({ type: '2', link: 'x' }), end])).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('NUL'),
    })
    await expect(readEntries([pax(records), block({ type: '1', link: 'x' }), end])).rejects.toThrow('NUL')
  }
})

test('GNU long names and link targets, which may be followed by PAX ones that agree', async () => {
  const name = `dir/${'n'.repeat(300)}`
  const target = 't'.repeat(200)
  const long = [meta('L', `${name}\0`), meta('K', `${target}\0`), block({ name: 'cut', type: '2', format: 'gnu' })]
  expect(await readOne(...long)).toMatchObject({ path: name, linkTarget: target })
  expect(await readOne(pax({ path: name }), ...long)).toMatchObject({ path: name })
  await expect(readOne(pax({ path: 'other' }), ...long)).rejects.toThrow('a PAX and a GNU long name that differ')
  await expect(readOne(meta('L', 'x\0'), ...long)).rejects.toThrow('a second long name')
  await expect(readOne(pax({}), pax({}), block({}))).rejects.toThrow('a second extended header')
})

test('extended attributes: raw bytes, without a value, and libarchive’s base64', async () => {
  const raw = '\0\xff=\n\x01'
  const { xattrs } = await readOne(
    pax({
      'SCHILY.xattr.security.capability': raw,
      'SCHILY.xattr.user.empty': '',
      'SCHILY.xattr.user.a%3Db%25': 'odd name',
      'LIBARCHIVE.xattr.user.with%20space': Buffer.from(raw, 'latin1').toString('base64').replace(/=+$/, ''),
      'LIBARCHIVE.xattr.security.capability': 'AAAA',
      'SCHILY.fflags': 'nodump',
    }),
    block({}),
  )
  expect(xattrs).toEqual(
    new Map([
      ['security.capability', Buffer.from(raw, 'latin1')],
      ['user.empty', Buffer.alloc(0)],
      ['user.a=b%', Buffer.from('odd name')],
      ['user.with space', Buffer.from(raw, 'latin1')],
    ]),
  )
  await expect(readOne(pax({ 'SCHILY.xattr.': 'x' }), block({}))).rejects.toThrow('no usable name')
  await expect(readOne(pax({ 'LIBARCHIVE.xattr.user.a': '!' }), block({}))).rejects.toThrow('not base64')
})

test('global headers set no attributes and no holes, and say nothing else about entries', async () => {
  for (const keyword of ['SCHILY.xattr.user.a', 'LIBARCHIVE.xattr.user.a', 'SCHILY.acl.access', 'GNU.sparse.map']) {
    const archive = [pax({ [keyword]: '1' }, 'g'), block({}), end]
    await expect(readEntries(archive), keyword).rejects.toMatchObject({ code: 'unsupported' })
  }
  expect(await readEntries([pax({ comment: 'a commit', charset: 'x' }, 'g'), block({}), end])).toHaveLength(1)
})

test('names in canonical form', async () => {
  const path = async (name: string, absoluteNames: 'strip' | 'error' = 'error') =>
    (await readEntries([block({ name, type: '5' }), end], { absoluteNames }))[0]!.path
  expect(await path('./')).toBe('')
  expect(await path('.')).toBe('')
  expect(await path('././')).toBe('')
  expect(await path('a//b/./c/')).toBe('a/b/c')
  expect(await path('.//a//')).toBe('a')
  expect(await path('..a/b..')).toBe('..a/b..')
  expect(await path('/', 'strip')).toBe('')
  expect(await path('//a/b', 'strip')).toBe('a/b')
  for (const name of ['..', 'a/../b', '../a', './..', 'a/..', '/..', '/a']) {
    await expect(path(name), name).rejects.toMatchObject({ code: 'bad-input' })
  }
  await expect(path('')).rejects.toThrow('the name is empty')
})

test('hard links: absolute targets by option, `..` never, nor to the root', async () => {
  const link = (target: string) => [block({ name: 'hard', type: '1', link: target }), end]
  expect((await readEntries(link('/usr/bin/x'), { absoluteNames: 'strip' }))[0]!.linkTarget).toBe('usr/bin/x')
  await expect(readEntries(link('/usr/bin/x'))).rejects.toThrow('the hard link target is absolute at byte 0')
  await expect(readEntries(link('a/../../x'))).rejects.toThrow('has a `..` component')
  await expect(readEntries(link('./'))).rejects.toThrow('a hard link to the root')
  await expect(readEntries([block({ type: '2' }), end])).rejects.toThrow("the symlink's target is empty")
})

test('the root is a directory (CVE-2021-29136)', async () => {
  for (const name of ['./', '.', '/.', '/']) {
    const archive = [block({ name, type: '2', link: '/etc' }), end]
    await expect(readEntries(archive, { absoluteNames: 'strip' })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('the root directory is given as a symlink'),
    })
  }
})

test('data behind a hard link or a directory are skipped when they are there', async () => {
  const without = [block({ name: 'hard', type: '1', link: 'file', size: 700 }), file('next', { name: 'next' }), end]
  expect((await readEntries(without)).map(({ path }) => path)).toEqual(['hard', 'next'])
  const withData = [block({ name: 'hard', type: '1', link: 'file', size: 700 }), data('d'.repeat(700)), ...without]
  expect((await readEntries(withData)).map(({ path, size }) => [path, size])).toEqual([
    ['hard', 0],
    ['hard', 0],
    ['next', 4],
  ])
  const last = [block({ name: 'dir', type: '5', size: 5000 }), end]
  expect(await readEntries(last)).toHaveLength(1)
  await expect(readEntries([block({ type: '1', link: 'x', size: 700 }), data('short')])).rejects.toThrow('ends early')
})

test('unknown types', async () => {
  for (const type of ['M', 'D', 'N', 'Z', '\x01']) {
    await expect(readEntries([block({ type }), end]), type).rejects.toMatchObject({ code: 'bad-input' })
  }
  await expect(readEntries([file('x'), block({ type: 'M' }), end])).rejects.toThrow(
    'test.tar: an entry of the unknown type \'M\' at byte 1024 (entry "file")',
  )
})

test('where an archive ends', async () => {
  expect(await readEntries([end])).toEqual([])
  expect(await readEntries([file('x')])).toHaveLength(1)
  expect(await readEntries([file('x').subarray(0, 513)]), 'as umoci insert writes').toHaveLength(1)
  expect(await readEntries([file('x'), Buffer.alloc(512)])).toHaveLength(1)
  expect(await readEntries([file('x'), Buffer.alloc(700)])).toHaveLength(1)
  expect(await readEntries([file('x'), end, Buffer.from('anything')])).toHaveLength(1)
  expect(await readEntries([pax({ comment: 'c' }, 'g'), end])).toEqual([])
  const broken: [Buffer[], string][] = [
    [[], 'not a tar archive: it is empty, at byte 0'],
    [[file('x'), Buffer.alloc(100)], 'the archive ends early, at byte 1124'],
    [[file('x').subarray(0, 600)], 'the archive ends early, at byte 600 (entry "file")'],
    [[file('x'), Buffer.alloc(512), file('y')], 'one block of zeros and then more at byte 1024'],
    [[pax({ path: 'x' }), end], 'the archive ends after an extended header, at byte 1024'],
    [[pax({ path: 'x' })], 'the archive ends after an extended header, at byte 1024'],
    [[pax({ path: 'x' }).subarray(0, 700)], 'the archive ends early, at byte 700'],
  ]
  for (const [archive, message] of broken) {
    for (const chunkSize of [1, 100, 4096]) {
      await expect(readEntries(archive, {}, chunkSize)).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining(message),
      })
    }
  }
})

test('where an end marker is required, an archive cut off between two entries is refused', async () => {
  const required = { endMarker: 'required' } as const
  expect(await readEntries([file('x'), Buffer.alloc(512)], required)).toHaveLength(1)
  expect(await readEntries([file('x'), end], required)).toHaveLength(1)
  await expect(readEntries([file('x')], required)).rejects.toThrow('test.tar: the archive has no end marker')
  await expect(readEntries([file('x').subarray(0, 513)], required)).rejects.toThrow('no end marker')
})

test('limits: header bytes, of all headers before an entry together, and long names', async () => {
  const big = pax({ comment: 'c'.repeat(3000) })
  await expect(readEntries([big, block({}), end], { maxHeaderBytes: 2000 })).rejects.toMatchObject({ code: 'limit' })
  expect(await readEntries([big, block({}), end], { maxHeaderBytes: 4000 })).toHaveLength(1)
  const globals = Array.from({ length: 5 }, () => pax({ comment: 'c'.repeat(900) }, 'g'))
  await expect(readEntries([...globals, end], { maxHeaderBytes: 4000 })).rejects.toMatchObject({ code: 'limit' })
  // The size is refused before anything is read or set aside.
  const claim = pax({ path: 'x' })
  claim.set(block({ type: 'x', size: 8 ** 11 - 1 }))
  await expect(readEntries([claim])).rejects.toMatchObject({ code: 'limit' })
  const path = 'p'.repeat(65537)
  await expect(readEntries([pax({ path }), block({}), end])).rejects.toMatchObject({ code: 'limit' })
  const ok = 'p/'.repeat(4000)
  expect((await readOne(pax({ path: `${ok}x` }), block({}))).path).toHaveLength(8001)
})

test('bodies are slices of the chunks, may be left unread or half read, and not read later', async () => {
  const archive = Buffer.concat([file('a'.repeat(2000), { name: 'a' }), file('b'.repeat(2000), { name: 'b' }), end])
  const seen: string[] = []
  let first: AsyncIterator<Buffer> | undefined
  for await (const entry of readTar(chunked(archive, 1000), { name: 'x' })) {
    first ??= entry.body[Symbol.asyncIterator]()
    for await (const chunk of entry.body) {
      expect(chunk.buffer).toBe(archive.buffer)
      seen.push(`${entry.path}${chunk.length}`)
      break
    }
  }
  expect(seen).toEqual(['a488', 'b928'])
  await expect(first?.next()).rejects.toThrow('after the next one was asked for')
})

test('the source is read to its end after the archive, and closed when the reader leaves or fails', async () => {
  let state = ''
  async function* source(...parts: Buffer[]) {
    state = 'open'
    try {
      for (const part of parts) yield part
      state = 'drained'
    } finally {
      if (state === 'open') state = 'closed'
    }
  }
  const drain = async (parts: Buffer[], leave = false) => {
    for await (const entry of readTar(source(...parts), { name: 'x' })) {
      void entry
      if (leave) break
    }
  }
  await drain([file('x'), end, Buffer.alloc(9000), Buffer.from('tail')])
  expect(state).toBe('drained')
  await drain([file('x'), end], true)
  expect(state).toBe('closed')
  await expect(drain([file('x'), block({ type: 'Z' }), end])).rejects.toThrow()
  expect(state).toBe('closed')
})

test('an error of the source comes through as it is', async () => {
  const failure = new Error('disk on fire')
  async function* source(): AsyncGenerator<Buffer> {
    yield file('x').subarray(0, 100)
    throw failure
  }
  const iterator = readTar(source(), { name: 'x' })[Symbol.asyncIterator]()
  await expect(iterator.next()).rejects.toBe(failure)
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

test('a million entries', async () => {
  const one = block({ name: 'x' })
  const chunk = Buffer.concat(Array.from({ length: 1000 }, () => one))
  async function* source() {
    for (let i = 0; i < 1000; i++) yield chunk
    yield end
  }
  let count = 0
  for await (const entry of readTar(source(), { name: 'x' })) count += entry.path.length
  expect(count).toBe(1_000_000)
})
