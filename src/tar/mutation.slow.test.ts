import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IngotError } from '../image/error.ts'
import { indexMembers } from './members.ts'
import { readTar } from './read.ts'
import { block, chunked, data, end, file, memoryFile, meta, pax } from './test-archive.ts'

const corpus: readonly Buffer[] = [
  Buffer.concat([
    block({ name: './', type: '5' }),
    pax({ path: 'long/name', uid: '3000000000', mtime: '-1.5', 'SCHILY.xattr.user.a': '\0\xff' }),
    file('x'.repeat(700)),
    pax({ 'SCHILY.acl.access': 'user::rw-,user:1:rw-,group::r--,mask::rw-,other::r--' }),
    file('y'),
    block({ name: 'l', type: '1', link: 'long/name', size: 700 }),
    end,
  ]),
  Buffer.concat([
    meta('L', 'long/long/name\0'),
    block({ name: 'cut', format: 'gnu' }),
    meta('K', 'target\0'),
    block({ name: 's', type: '2', format: 'gnu' }),
    pax({ gid: '5' }, 'g'),
    block({ name: 'dev', type: '3' }),
    end,
  ]),
  Buffer.concat([
    pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'f', 'GNU.sparse.realsize': '5000' }),
    block({ size: 519 }),
    data('3\n0\n3\n1000\n4\n5000\n0\n'),
    data('abcdefg'),
    pax({ 'GNU.sparse.size': '5000', 'GNU.sparse.map': '0,3,1000,4' }),
    block({ size: 7 }),
    data('abcdefg'),
    block({
      type: 'S',
      format: 'gnu',
      size: 3,
      edit(made) {
        made.write('00000000000\x0000000000003\0', 386, 'latin1')
        made.write('00000005000\0', 483, 'latin1')
      },
    }),
    data('abc'),
    end,
  ]),
]

interface Edit {
  readonly kind: 'set' | 'flip' | 'cut' | 'insert' | 'remove' | 'copy'
  readonly at: number
  readonly value: number
  readonly length: number
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('set', 'set', 'flip', 'cut', 'insert', 'remove', 'copy'),
  at: fc.nat(2 ** 30),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x37, 0x3d, 0x0a, 0x2e, 0x80, 0xff)),
  length: fc.constantFrom(1, 2, 12, 512, 1024),
})

function apply(archive: Buffer, { kind, at, value, length }: Edit): Buffer {
  const place = at % Math.max(1, archive.length)
  const before = archive.subarray(0, place)
  if (kind === 'cut') return before
  if (kind === 'insert') return Buffer.concat([before, Buffer.alloc(length, value), archive.subarray(place)])
  if (kind === 'remove') return Buffer.concat([before, archive.subarray(place + length)])
  const changed = Buffer.from(archive)
  if (kind === 'copy') changed.copy(changed, (value * 512) % Math.max(1, archive.length), place, place + length)
  else changed[place] = kind === 'set' ? value : changed[place]! ^ (1 << (value % 8))
  return changed
}

/** Makes the checksums of all blocks right, so that changes get past them. */
function repair(archive: Buffer): Buffer {
  const repaired = Buffer.from(archive)
  for (let at = 0; at + 512 <= repaired.length; at += 512) {
    const header = repaired.subarray(at, at + 512)
    if (!/^ustar/.test(header.toString('latin1', 257, 262))) continue
    header.write('        ', 148, 'latin1')
    header.write(
      `${header
        .reduce((a, b) => a + b, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    )
  }
  return repaired
}

/** Everything that reading gives, or 'refused'. Anything but an IngotError comes through. */
async function outcome(work: () => Promise<number>): Promise<number | 'refused'> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IngotError && /^test\.tar: .* at byte [0-9]+/.test(error.message)) return 'refused'
    throw error
  }
}

async function readAll(archive: Buffer, chunkSize: number): Promise<number> {
  let bytes = 0
  let count = 0
  for await (const entry of readTar(chunked(archive, chunkSize), { name: 'test.tar' })) {
    for await (const chunk of entry.body) bytes += chunk.length
    count++
  }
  expect(bytes).toBeLessThanOrEqual(archive.length)
  return count
}

test('a damaged archive is read or refused, alike for any chunks, and nothing else happens', async () => {
  let read = 0
  let refused = 0
  const property = fc.asyncProperty(
    fc.constantFrom(...corpus),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.integer({ min: 1, max: 2000 }),
    async (original, edits, repaired, chunkSize) => {
      const damaged = edits.reduce(apply, original)
      const archive = repaired ? repair(damaged) : damaged
      const whole = await outcome(() => readAll(archive, archive.length || 1))
      expect(await outcome(() => readAll(archive, chunkSize))).toBe(whole)
      await outcome(async () => (await indexMembers(memoryFile(archive))).size)
      if (whole === 'refused') refused++
      else read++
    },
  )
  await fc.assert(property, { numRuns: 2500 })
  expect(read).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(100)
})

test('cut off anywhere', async () => {
  for (const archive of corpus) {
    for (let length = 0; length < archive.length; length += length % 512 < 2 || length % 512 > 509 ? 1 : 13) {
      await outcome(() => readAll(archive.subarray(0, length), 600))
    }
  }
})
