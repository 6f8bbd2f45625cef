import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect } from '../image/stream.ts'
import { openFile } from './file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const content = Buffer.alloc(3 * 1024 * 1024 + 17, 'Ingot reads ranges. ')

function openDescriptors(path: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the descriptor of the listing itself
    }
  })
  return targets.filter((target) => target === path).length
}

test('reads whole files and ranges', async () => {
  const path = join(folder, 'content')
  writeFileSync(path, content)
  const file = await openFile(path)
  expect(file.size).toBe(content.length)
  expect(file.name).toBe(path)
  expect((await collect(file.open())).equals(content)).toBe(true)
  expect((await collect(file.open(content.length))).length).toBe(0)
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length), fc.nat(content.length), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)]
      expect((await collect(file.open(start, end))).equals(content.subarray(start, end))).toBe(true)
    }),
    { numRuns: 30 },
  )
  expect(openDescriptors(path)).toBe(0)
})

test('leaving early closes the file', async () => {
  const path = join(folder, 'left')
  writeFileSync(path, content)
  const file = await openFile(path)
  for await (const chunk of file.open()) {
    expect(chunk.length).toBeLessThan(content.length)
    expect(openDescriptors(path)).toBe(1)
    break
  }
  expect(openDescriptors(path)).toBe(0)
})

test('a file that became shorter is corrupt', async () => {
  const path = join(folder, 'shorter')
  writeFileSync(path, content)
  const file = await openFile(path)
  truncateSync(path, 1_500_000)
  await expect(collect(file.open())).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining(`${path}: ends at byte 1500000`),
  })
  await expect(collect(file.open(2_000_000, 2_000_010))).rejects.toMatchObject({ code: 'corrupt' })
  expect(openDescriptors(path)).toBe(0)
})

test('says what cannot be opened', async () => {
  await expect(openFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' })
  await expect(openFile(folder)).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('a directory') })
  await expect(openFile(join(folder, 'content', 'x'))).rejects.toMatchObject({ code: 'io' })
})

test.skipIf(process.getuid?.() !== 0)('a block device has its size (needs root)', async ({ skip }) => {
  const path = join(folder, 'disk')
  writeFileSync(path, Buffer.alloc(1_048_576 + 512, 7))
  let device: string
  try {
    device = execFileSync('losetup', ['--find', '--show', '--read-only', path], { encoding: 'utf8' }).trim()
  } catch {
    skip('no loop devices here')
    return
  }
  try {
    const file = await openFile(device)
    expect(file.size).toBe(1_048_576 + 512)
    expect((await collect(file.open(1_048_576))).equals(Buffer.alloc(512, 7))).toBe(true)
  } finally {
    execFileSync('losetup', ['--detach', device])
  }
})
