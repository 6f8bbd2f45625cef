import fc from 'fast-check'
import { expect, test } from 'vitest'
import { piped, sample, text } from './testing.ts'
import { ZstdScanner } from './zstd-scanner.ts'

/** Scans a unit in pieces and returns where it ends. */
function scan(bytes: Buffer, size: number, offset = 0): { scanner: ZstdScanner; end: number } {
  const scanner = new ZstdScanner(offset, 'file.zst')
  let end = 0
  for (let at = 0; at < bytes.length && !scanner.done; at += size)
    end = at + scanner.scan(bytes.subarray(at, at + size), 0)
  return { scanner, end }
}

test('finds the end of a frame, its content size and a bound, whatever the pieces', () => {
  const inputs = [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.alloc(255),
    Buffer.alloc(70_000),
    text,
    Buffer.alloc(3_000_000),
    sample(400_000),
  ]
  const options = [
    '--stream-size=',
    '--no-check --stream-size=',
    '-19 --stream-size=',
    '--no-content-size --stream-size=',
  ]
  const frames = inputs.flatMap((input) =>
    options.map((option) => ({ input, option, frame: piped(`zstd -q -c ${option}${input.length}`, input) })),
  )
  fc.assert(
    fc.property(fc.nat(frames.length - 1), fc.integer({ min: 1, max: 5000 }), (index, size) => {
      const { input, option, frame } = frames[index]!
      const { scanner, end } = scan(Buffer.concat([frame, text]), size)
      expect([scanner.kind, scanner.done, end]).toEqual(['frame', true, frame.length])
      expect(scanner.bound).toBeGreaterThanOrEqual(input.length)
      const isSaid = !option.startsWith('--no-content-size')
      if (input.length > 0) expect(scanner.contentSize).toBe(isSaid ? input.length : undefined)
      expect(scan(frame.subarray(0, frame.length - 1), size).scanner.done).toBe(false)
    }),
    { numRuns: 200 },
  )
})

test('broken headers name the frame', () => {
  const broken = ['28b52ffe', '28b52ffd08000000', '28b52ffd000007000000', '28b52ffd0000ffffff']
  for (const hex of broken) {
    expect(() => scan(Buffer.from(`${hex}000000000000`, 'hex'), 100, 4711)).toThrow(
      'file.zst: the zstd frame at byte 4711 ',
    )
  }
})
