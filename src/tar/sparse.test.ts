import { expect, test } from 'vitest'
import { bodyOf, type EntryHeader, makeHeader } from '../image/entry.ts'
import { collect } from '../image/stream.ts'
import { block, data, end, meta, pax, readEntries, readOne, record } from './test-archive.ts'
import { writeTar } from './write.ts'

const runs = [
  { offset: 0, length: 3 },
  { offset: 1000, length: 4 },
]

/** An old GNU header: slots of offset and length from byte 386, a flag for more at 482, the full size at 483. */
function oldHeader(slots: number[][], size: number, stored: number, more = false): Buffer {
  return block({
    type: 'S',
    format: 'gnu',
    size: stored,
    edit(made) {
      for (const [i, value] of slots.flat().entries()) {
        made.write(`${value.toString(8).padStart(11, '0')}\0`, 386 + 12 * i)
      }
      made[482] = more ? 1 : 0
      made.write(`${size.toString(8).padStart(11, '0')}\0`, 483, 'latin1')
    },
  })
}

test('old GNU sparse files', async () => {
  const slots = [
    [0, 3],
    [1000, 4],
    [5000, 0],
  ]
  expect(await readOne(oldHeader(slots, 5000, 7), data('abcdefg'))).toMatchObject({
    size: 5000,
    sparse: runs,
    content: 'abcdefg',
  })
})

test('old GNU sparse files whose map goes on in further blocks', async () => {
  const all = Array.from({ length: 30 }, (_, i) => [i * 10, 1])
  const extension = (slots: number[][], more: boolean) => {
    const made = Buffer.alloc(512)
    for (const [i, value] of slots.flat().entries()) made.write(`${value.toString(8).padStart(11, '0')} `, 12 * i)
    made[504] = more ? 1 : 0
    return made
  }
  const archive = [
    oldHeader(all.slice(0, 4), 1000, 30, true),
    extension(all.slice(4, 25), true),
    extension(all.slice(25), false),
    data('x'.repeat(30)),
    block({ name: 'next' }),
    end,
  ]
  for (const chunkSize of [7, 512, 100000]) {
    const [entry, next] = await readEntries(archive, {}, chunkSize)
    expect(entry!.sparse).toEqual(all.map(([offset, length]) => ({ offset, length })))
    expect(entry!.content).toHaveLength(30)
    expect(next!.path).toBe('next')
  }
})

test('PAX sparse 0.0, 0.1 and 1.0', async () => {
  const expected = { path: 'real/name', size: 5000, sparse: runs, content: 'abcdefg' }
  const zeroZero = [
    record('GNU.sparse.size', '5000'),
    record('GNU.sparse.numblocks', '2'),
    ...runs.flatMap(({ offset, length }) => [
      record('GNU.sparse.offset', String(offset)),
      record('GNU.sparse.numbytes', String(length)),
    ]),
  ]
  expect(
    await readOne(meta('x', zeroZero.join('')), block({ name: 'real/name', size: 7 }), data('abcdefg')),
  ).toMatchObject(expected)
  const zeroOne = pax({
    'GNU.sparse.size': '5000',
    'GNU.sparse.numblocks': '2',
    'GNU.sparse.name': './real/name',
    'GNU.sparse.map': '0,3,1000,4',
  })
  expect(await readOne(zeroOne, block({ size: 7 }), data('abcdefg'))).toMatchObject(expected)
  const map = data('3\n0\n3\n1000\n4\n5000\n0\n')
  const file = Buffer.concat([map, data('abcdefg')])
  const oneZero = pax({
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': 'real/name',
    'GNU.sparse.realsize': '5000',
  })
  expect(await readOne(oneZero, block({ size: 519 }), file)).toMatchObject(expected)
})

test('a map without holes is no sparse file; one hole over all of it is', async () => {
  const sparse = (size: string, map: string) => pax({ 'GNU.sparse.size': size, 'GNU.sparse.map': map })
  const whole = await readOne(sparse('7', '0,7'), block({ size: 7 }), data('abcdefg'))
  expect(whole).toMatchObject({ size: 7, content: 'abcdefg' })
  expect(whole.sparse).toBeUndefined()
  expect(await readOne(pax({ 'GNU.sparse.size': '9' }), block({}))).toMatchObject({ size: 9, sparse: [], content: '' })
})

test('maps that are refused', async () => {
  const bad: [string, string][] = [
    ['5,2,0,2', 'goes back'],
    ['0,3,2,1', 'goes back'],
    ['0,2,99,2', 'reaches byte 101 of a file of 100 bytes'],
    ['0,3', 'covers 3 bytes but 4 are stored'],
    ['0,3,', 'not a number'],
    ['0,3,5', 'not a number'],
    ['0,-4', 'not a number'],
    ['0,99999999999999999999', 'not a number'],
    ['0,9007199254740991', 'reaches byte'],
  ]
  for (const [map, message] of bad) {
    const records = pax({ 'GNU.sparse.size': '100', 'GNU.sparse.map': map })
    await expect(readEntries([records, block({ size: 4 }), data('abcd'), end]), map).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(message),
    })
  }
  const version = (major: string, minor: string) =>
    pax({ 'GNU.sparse.major': major, 'GNU.sparse.minor': minor, 'GNU.sparse.realsize': '10', 'GNU.sparse.size': '10' })
  const one = version('1', '0')
  await expect(readOne(version('2', '0'), block({}))).rejects.toMatchObject({ code: 'unsupported' })
  await expect(readOne(pax({ 'SCHILY.realsize': '10' }), block({}))).rejects.toMatchObject({ code: 'unsupported' })
  await expect(readOne(one, block({}))).rejects.toThrow('the sparse map does not end')
  await expect(readOne(one, block({ size: 512 }), data('1\n0\n'))).rejects.toThrow('not a number')
  await expect(readOne(one, block({ size: 512 }), data('1\nx\n1\n'))).rejects.toThrow('not a number')
  await expect(readOne(one, block({ size: 512 }), data('9000000\n'.padEnd(512, '0\n')))).rejects.toMatchObject({
    code: 'limit',
  })
  await expect(readOne(one, block({ type: '5', name: 'd' }))).rejects.toThrow('a sparse map for a directory')
  await expect(readOne(meta('x', record('GNU.sparse.numbytes', '1')), block({}))).rejects.toThrow('do not take turns')
  await expect(readOne(meta('x', record('GNU.sparse.offset', '1')), block({}))).rejects.toThrow('without')
  const count = pax({ 'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '0,4' })
  await expect(readOne(count, block({ size: 4 }), data('abcd'))).rejects.toThrow('1 runs where 2 are announced')
})

async function written(header: EntryHeader, body: string, sparse: 'pax' | 'expand') {
  const source = (async function* () {
    yield { ...header, body: bodyOf(Buffer.from(body)) }
  })()
  return (await readEntries(await collect(writeTar(source, { sparse }))))[0]!
}

test('sparse files are written with their holes, or with zeros for them', async () => {
  const block = (letter: string) => letter.repeat(512)
  const hole = block('\0')
  for (const [map, size, body, full] of [
    [[], 3, '', '\0\0\0'],
    [[{ offset: 512, length: 2 }], 514, 'ab', `${hole}ab`],
    [[{ offset: 0, length: 512 }], 515, block('a'), `${block('a')}\0\0\0`],
    [
      [
        { offset: 512, length: 512 },
        { offset: 1536, length: 1024 },
      ],
      3000,
      block('a') + block('b') + block('c'),
      hole + block('a') + hole + block('b') + block('c') + '\0'.repeat(440),
    ],
  ] as const) {
    const header = makeHeader({ path: 'f', type: 'file', size, sparse: map })
    const kept = await written(header, body, 'pax')
    expect(kept).toMatchObject({ size, sparse: map, content: body })
    const expanded = await written(header, body, 'expand')
    expect(expanded).toMatchObject({ size, content: full })
    expect(expanded.sparse).toBeUndefined()
  }
})

test('runs that are no whole blocks are widened with zeros: GNU tar begins each in a block of its own', async () => {
  const sparse = [
    { offset: 700, length: 1 },
    { offset: 900, length: 2 },
    { offset: 1024, length: 1 },
    { offset: 5000, length: 0 },
    { offset: 9000, length: 3 },
    { offset: 9999, length: 1 },
  ]
  const kept = await written(makeHeader({ path: 'f', type: 'file', size: 10_000, sparse }), 'abcdefgh', 'pax')
  const at = (offset: number, text: string) => '\0'.repeat(offset) + text
  expect(kept.sparse).toEqual([
    { offset: 512, length: 1024 },
    { offset: 8704, length: 512 },
    { offset: 9728, length: 272 },
  ])
  const first = (at(188, 'a') + at(199, 'bc') + at(122, 'd')).padEnd(1024, '\0')
  expect(kept.content).toBe(first + at(296, 'efg').padEnd(512, '\0') + at(271, 'h'))
})

test('a sparse map is checked when it is written, in either form', async () => {
  const header = makeHeader({ path: 'f', type: 'file', size: 4, sparse: [{ offset: 2, length: 3 }] })
  for (const form of ['pax', 'expand'] as const) {
    await expect(written(header, 'abc', form)).rejects.toMatchObject({ code: 'bad-input' })
  }
})

test('a body that is shorter or longer than its runs', async () => {
  const header = makeHeader({ path: 'f', type: 'file', size: 9, sparse: [{ offset: 2, length: 3 }] })
  for (const form of ['pax', 'expand'] as const) {
    for (const body of ['', 'ab', 'abcd', 'a'.repeat(20)]) {
      await expect(written(header, body, form), `${form} ${body}`).rejects.toMatchObject({ code: 'corrupt' })
    }
  }
})

test('holes are not expanded without end', async () => {
  const header = makeHeader({ path: 'f', type: 'file', size: 2 ** 50, sparse: [] })
  await expect(written(header, '', 'expand')).rejects.toMatchObject({ code: 'limit' })
  expect(await written(header, '', 'pax')).toMatchObject({ size: 2 ** 50, sparse: [] })
})
