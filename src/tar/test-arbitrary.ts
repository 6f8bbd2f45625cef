import fc from 'fast-check'
import type { ByteString } from '../image/bytes.ts'
import { bodySize, type DataRun, type EntryHeader, type EntryType, makeHeader } from '../image/entry.ts'
import type { ReadEntry } from './test-archive.ts'

/** Random entries of every type with everything that a header can say, for property tests. */

const byte = fc.oneof(fc.integer({ min: 0x61, max: 0x7a }), fc.integer({ min: 1, max: 255 }))

function bytes(minLength: number, maxLength: number): fc.Arbitrary<ByteString> {
  return fc.array(byte, { minLength, maxLength, size: 'max' }).map((codes) => String.fromCharCode(...codes))
}

const component = fc
  .oneof({ weight: 6, arbitrary: bytes(1, 12) }, { weight: 1, arbitrary: bytes(90, 255) })
  .map((text) => text.replaceAll('/', '_'))
  .map((text) => (text === '.' || text === '..' ? 'dots' : text))

const path = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

const id = fc.oneof(fc.nat(70000), fc.constantFrom(0, 2097151, 2097152, 2 ** 32 - 2), fc.nat(2 ** 32 - 2))

const mtime = fc.oneof(
  fc.nat(2 ** 31 - 1).map((seconds) => BigInt(seconds) * 1_000_000_000n),
  fc.bigInt(-(2n ** 62n), 2n ** 63n),
  fc.constantFrom(
    0n,
    -1n,
    -1_000_000_000n,
    8589934591_000000000n,
    8589934592_000000000n,
    9223372036854775807_999999999n,
  ),
)

const value = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 60, maxLength: 1100, size: 'max' }),
  fc.constant(Buffer.from('0100000200200000000000000000000000000000', 'hex')),
)

const xattrs = fc
  .array(fc.tuple(fc.constantFrom('user.', 'security.', 'trusted.'), bytes(1, 20), value), { maxLength: 3 })
  .map((list) => new Map(list.map(([space, name, raw]) => [space + name, Buffer.from(raw)])))

/** Runs in the form that is written: whole blocks, with a hole before each but the first, none empty. */
const sparse = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 3 })), { maxLength: 40 })
  .chain((steps) => fc.tuple(fc.constant(steps), fc.boolean(), fc.nat(5000)))
  .map(([steps, startsWithData, tail]) => {
    const runs: DataRun[] = []
    let at = 0
    for (const [hole, blocks] of steps) {
      const length = blocks * 512
      if (runs.length > 0 || !startsWithData) at += hole * 512
      runs.push({ offset: at, length })
      at += length
    }
    const size = at + tail
    return { runs, size }
  })
  .filter(({ runs, size }) => runs.reduce((sum, run) => sum + run.length, 0) < size)

const common = fc.record({ mode: fc.nat(0o7777), uid: id, gid: id, mtime, xattrs })

const special: fc.Arbitrary<Partial<EntryHeader> & { type: EntryType }> = fc.oneof(
  fc.record({ type: fc.constant('directory' as const) }),
  fc.record({ type: fc.constant('symlink' as const), linkTarget: bytes(1, 300) }),
  fc.record({ type: fc.constant('hardlink' as const), linkTarget: path }),
  fc.record({
    type: fc.constantFrom('char' as const, 'block' as const),
    devMajor: fc.nat(4095),
    devMinor: fc.nat(1048575),
  }),
  fc.record({ type: fc.constant('fifo' as const) }),
  fc.record({ type: fc.constant('file' as const), size: fc.oneof(fc.nat(2000), fc.nat(20000)) }),
  sparse.map(({ runs, size }) => ({ type: 'file' as const, size, sparse: runs })),
)

const entry: fc.Arbitrary<ReadEntry> = fc
  .tuple(path, common, special)
  .map(([name, shared, own]) => makeHeader({ path: name, ...shared, ...own }))
  .chain((header) => fc.nat(255).map((seed) => ({ ...header, content: contentOf(bodySize(header), seed) })))

function contentOf(length: number, seed: number): ByteString {
  return Buffer.from(Array.from({ length }, (_, i) => (seed + i * 7) % 256)).toString('latin1')
}

const root: fc.Arbitrary<ReadEntry> = common.map((shared) => ({
  ...makeHeader({ path: '', type: 'directory', ...shared }),
  content: '',
}))

export const anyEntries: fc.Arbitrary<ReadEntry[]> = fc
  .tuple(fc.option(root), fc.array(entry, { maxLength: 8, size: 'max' }))
  .map(([first, rest]) => (first === null ? rest : [first, ...rest]))

/** The sizes of the chunks that a stream is cut into, over and over. */
export const anyChunking: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constantFrom([1], [511], [512], [513], [65536], [2 ** 30]),
  fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
)
