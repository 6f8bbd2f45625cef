import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeWithHoles } from './holes.ts'

test('what is written reads back the same, however it is cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-holes-'))
  const part = fc.record({ zero: fc.boolean(), length: fc.integer({ min: 1, max: 10_000 }) })
  try {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.integer({ min: 1, max: 9000 }),
        fc.nat(9000),
        (parts, cut, start) => {
          const bytes = Buffer.concat(parts.map(({ zero, length }) => Buffer.alloc(length, zero ? 0 : 'x')))
          const path = join(folder, 'f')
          const fd = openSync(path, 'w')
          for (let at = 0; at < bytes.length; at += cut) writeWithHoles(fd, bytes.subarray(at, at + cut), start + at)
          ftruncateSync(fd, start + bytes.length)
          closeSync(fd)
          expect(readFileSync(path).subarray(start).equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
