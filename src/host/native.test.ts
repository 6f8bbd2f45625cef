import { execFileSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errnoOf } from '../image/error.ts'
import { dataRuns, listXattrs, makeNode, setTimes, setXattr } from './native.ts'

const isRoot = process.getuid?.() === 0
let folder: string
beforeAll(() => {
  folder = mkdtempSync('/var/tmp/native-test-') // /tmp may be a tmpfs without user xattrs
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A path whose name is not UTF-8. */
function odd(name: string): Buffer {
  return Buffer.from(`${folder}/${name}\xe9\xff`, 'latin1')
}

test('extended attributes: raw names and values', () => {
  const path = odd('xattrs')
  writeFileSync(path, '')
  expect(listXattrs(path)).toEqual(new Map())
  const names = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)),
    minLength: 1,
    maxLength: 20,
  })
  const values = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.dictionary(names, values, { maxKeys: 3 }), (attributes) => {
      rmSync(path)
      writeFileSync(path, '')
      const expected = new Map(Object.entries(attributes).map(([name, value]) => [`user.${name}`, value]))
      for (const [name, value] of expected) setXattr(path, name, value)
      expect(listXattrs(path)).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

test.skipIf(!isRoot)('capabilities and POSIX ACLs as the real tools see them (needs root)', () => {
  const path = join(folder, 'tool')
  writeFileSync(path, '', { mode: 0o755 })
  setXattr(Buffer.from(path), 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex'))
  expect(execFileSync('getcap', [path], { encoding: 'utf8' })).toContain('cap_net_raw=ep')
  execFileSync('setfacl', ['-m', 'u:1234:rw', path])
  expect([...listXattrs(Buffer.from(path)).keys()].sort()).toEqual(['security.capability', 'system.posix_acl_access'])
})

test.skipIf(!isRoot)('links are not followed (needs root)', () => {
  const target = join(folder, 'target')
  const link = join(folder, 'link')
  writeFileSync(target, '')
  symlinkSync(target, link)
  setXattr(Buffer.from(link), 'trusted.onlink', Buffer.from('1'))
  expect(listXattrs(Buffer.from(target)).size).toBe(0)
  expect(listXattrs(Buffer.from(link)).get('trusted.onlink')?.toString()).toBe('1')
  setTimes(Buffer.from(link), 5_000_000_007n)
  expect(lstatSync(link, { bigint: true }).mtimeNs).toBe(5_000_000_007n)
  expect(lstatSync(target, { bigint: true }).mtimeNs).not.toBe(5_000_000_007n)
})

test('errors name the path and keep the errno', () => {
  const missing = odd('missing')
  expect(() => listXattrs(missing)).toThrow(expect.objectContaining({ code: 'not-found' }))
  expect(() => setTimes(missing, 0n)).toThrow('\\xe9\\xff')
  writeFileSync(odd('plain'), '')
  try {
    setXattr(odd('plain'), 'bogus.name', Buffer.alloc(1))
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'io' })
    expect(errnoOf((error as Error).cause)).toBe('ENOTSUP')
  }
  expect(() => listXattrs(Buffer.from('a\0b'))).toThrow('NUL')
  expect(() => listXattrs(Buffer.alloc(10_000, 'x'))).toThrow('ENAMETOOLONG')
})

test('times keep nanoseconds, before the epoch too', () => {
  const path = odd('times')
  writeFileSync(path, '')
  for (const time of [
    0n,
    1n,
    -1n,
    -1_500_000_001n,
    1_700_000_000_123_456_789n,
    2n ** 33n * 1_000_000_000n + 999_999_999n,
  ]) {
    setTimes(path, time)
    expect(lstatSync(path, { bigint: true }).mtimeNs).toBe(time)
  }
})

test('FIFOs have exactly the asked permission bits', () => {
  const path = odd('fifo')
  makeNode(path, 'fifo', 0o666, 0, 0)
  const stat = lstatSync(path)
  expect(stat.isFIFO()).toBe(true)
  expect(stat.mode & 0o7777).toBe(0o666)
  expect(() => makeNode(path, 'fifo', 0o666, 0, 0)).toThrow(expect.objectContaining({ code: 'exists' }))
})

test.skipIf(!isRoot)('device numbers up to 12 + 20 bits (needs root)', () => {
  const numbers = [
    [1, 3],
    [8, 255],
    [259, 256],
    [4095, 1_048_575],
  ] as const
  for (const [index, [major, minor]] of numbers.entries()) {
    const path = join(folder, `device${index}`)
    makeNode(Buffer.from(path), index % 2 ? 'block' : 'char', 0o640, major, minor)
    const stat = execFileSync('stat', ['-c', '%t %T %F %a', path], { encoding: 'utf8' }).trim()
    expect(stat).toBe(
      `${major.toString(16)} ${minor.toString(16)} ${index % 2 ? 'block' : 'character'} special file 640`,
    )
  }
})

test.skipIf(!isRoot)('ids up to 2^32−2 go through Node itself (needs root)', () => {
  const path = odd('ids')
  writeFileSync(path, '')
  lchownSync(path, 4_294_967_294, 4_294_967_293)
  expect(lstatSync(path)).toMatchObject({ uid: 4_294_967_294, gid: 4_294_967_293 })
})

test('holes are found', () => {
  const path = join(folder, 'sparse')
  const fd = openSync(path, 'w+')
  const mega = 1024 * 1024
  writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, mega)
  writeSync(fd, Buffer.alloc(8192, 2), 0, 8192, 3 * mega)
  ftruncateSync(fd, 4 * mega + 5)
  const size = 4 * mega + 5
  const runs = dataRuns(fd, size)
  expect(runs).toBeDefined()
  const rebuilt = Buffer.alloc(size)
  const whole = readFileSync(path)
  for (const { offset, length } of runs!) whole.copy(rebuilt, offset, offset, offset + length)
  expect(rebuilt.equals(whole)).toBe(true)
  const covered = runs!.reduce((sum, run) => sum + run.length, 0)
  expect(covered).toBeLessThan(mega)
  ftruncateSync(fd, 0)
  ftruncateSync(fd, mega)
  expect(dataRuns(fd, mega)).toEqual([])
  closeSync(fd)
})

test('a file without holes has no runs to tell', () => {
  const path = join(folder, 'dense')
  writeFileSync(path, Buffer.alloc(100_000, 1))
  const fd = openSync(path, 'r')
  expect(dataRuns(fd, 100_000)).toBeUndefined()
  closeSync(fd)
  writeFileSync(path, '')
  const empty = openSync(path, 'r')
  expect(dataRuns(empty, 0)).toBeUndefined()
  closeSync(empty)
})
