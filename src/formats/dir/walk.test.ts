import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { setTimes, setXattr } from '../../host/native.ts'
import type { Entry } from '../../image/entry.ts'
import { collect } from '../../image/stream.ts'
import { createTally } from '../tally.ts'
import { walkTree } from './walk.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ingot-walk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

interface Seen {
  readonly entry: Entry
  readonly content: string
}

async function walk(warnings: string[] = []): Promise<Map<string, Seen>> {
  const tally = createTally((message) => warnings.push(message))
  const seen = new Map<string, Seen>()
  for await (const entry of walkTree(root, tally)) {
    seen.set(entry.path, { entry, content: (await collect(entry.body)).toString('latin1') })
  }
  tally.report()
  return seen
}

test('the order is that of the bytes of each name, and the root comes first', async () => {
  for (const name of ['b', 'a', 'a-', 'B']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'a', 'x'), '')
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x41])]), 'odd')
  const seen = await walk()
  expect([...seen.keys()]).toEqual(['', 'B', 'a', 'a/x', 'a-', 'b', '\xffA'])
  expect(seen.get('\xffA')?.content).toBe('odd')
})

test('what stat says comes through, nanoseconds too', async () => {
  writeFileSync(join(root, 'f'), 'text')
  chmodSync(join(root, 'f'), 0o4751)
  setTimes(Buffer.from(join(root, 'f')), -1_000_000_001n)
  setXattr(Buffer.from(join(root, 'f')), 'user.note', Buffer.from([0, 255]))
  symlinkSync(Buffer.from([0x61, 0xfe]), join(root, 'link'))
  const seen = await walk()
  expect(seen.get('f')!.entry).toMatchObject({ type: 'file', mode: 0o4751, mtime: -1_000_000_001n, size: 4 })
  expect(seen.get('f')!.entry.xattrs).toEqual(new Map([['user.note', Buffer.from([0, 255])]]))
  expect(seen.get('f')!.content).toBe('text')
  expect(seen.get('link')!.entry).toMatchObject({ type: 'symlink', linkTarget: 'a\xfe', size: 0 })
})

test('of hard links the first in order is the file', async () => {
  writeFileSync(join(root, 'z'), 'same')
  linkSync(join(root, 'z'), join(root, 'a'))
  linkSync(join(root, 'z'), join(root, 'm'))
  const seen = await walk()
  expect(seen.get('a')).toMatchObject({ entry: { type: 'file' }, content: 'same' })
  expect(seen.get('m')!.entry).toMatchObject({ type: 'hardlink', linkTarget: 'a', size: 0 })
  expect(seen.get('z')!.entry).toMatchObject({ type: 'hardlink', linkTarget: 'a' })
})

test('holes are found, and the body is what lies between them', async () => {
  const fd = openSync(join(root, 'sparse'), 'w')
  writeSync(fd, 'data', 1 << 20)
  closeSync(fd)
  truncateSync(join(root, 'sparse'), 2 << 20)
  truncateSync(join(root, 'sparse'), (2 << 20) + 1)
  const { entry, content } = (await walk()).get('sparse')!
  expect(entry.size).toBe((2 << 20) + 1)
  expect(entry.sparse).toEqual([{ offset: 1 << 20, length: 4096 }])
  expect(content).toBe(`data${'\0'.repeat(4092)}`)
})

test('sockets are left out, with one warning', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve))
  try {
    const warnings: string[] = []
    expect([...(await walk(warnings)).keys()]).toEqual([''])
    expect(warnings).toEqual(['sockets are no part of an image; left out: /socket'])
  } finally {
    server.close()
  }
})

test('a file system mounted below stays out, its mount point does not', async (context) => {
  if (process.getuid?.() !== 0) context.skip('mounting needs root')
  mkdirSync(join(root, 'proc'))
  execFileSync('mount', ['-t', 'tmpfs', 'none', join(root, 'proc')])
  try {
    writeFileSync(join(root, 'proc', 'inside'), '')
    const warnings: string[] = []
    expect([...(await walk(warnings)).keys()]).toEqual(['', 'proc'])
    expect(warnings.join()).toContain('/proc')
  } finally {
    execFileSync('umount', [join(root, 'proc')])
  }
})

test('devices and FIFOs keep their type and numbers', async (context) => {
  if (process.getuid?.() !== 0) context.skip('device nodes need root')
  execFileSync('mknod', [join(root, 'c'), 'c', '300', '70000'])
  execFileSync('mkfifo', [join(root, 'p')])
  const seen = await walk()
  expect(seen.get('c')!.entry).toMatchObject({ type: 'char', devMajor: 300, devMinor: 70000 })
  expect(seen.get('p')!.entry).toMatchObject({ type: 'fifo' })
})

test('a file that grows, shrinks, goes or is replaced while it is read is an error that names it', async () => {
  const changes: readonly ((path: string) => void)[] = [
    (path) => appendFileSync(path, 'more'),
    (path) => truncateSync(path, 10),
    (path) => unlinkSync(path),
    (path) => {
      unlinkSync(path)
      symlinkSync('/etc/passwd', path)
    },
  ]
  for (const change of changes) {
    const path = join(root, 'file')
    if (existsSync(path)) unlinkSync(path)
    rmSync(path, { force: true })
    writeFileSync(path, Buffer.alloc(100))
    const read = async () => {
      for await (const entry of walkTree(
        root,
        createTally(() => {}),
      )) {
        if (entry.path === 'file') change(path)
        await collect(entry.body)
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(`${root}/file`) })
  }
})

test('a file that grows in the middle of being read is an error too', async () => {
  const path = join(root, 'file')
  writeFileSync(path, Buffer.alloc(3 << 20))
  const read = async () => {
    for await (const entry of walkTree(
      root,
      createTally(() => {}),
    )) {
      for await (const chunk of entry.body) if (chunk.length > 0) appendFileSync(path, 'x')
    }
  }
  await expect(read()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('changed') })
})

test('an unreadable file is an error that names it', async () => {
  writeFileSync(join(root, 'secret'), 'x', { mode: 0 })
  chmodSync(root, 0o755)
  const euid = process.geteuid!()
  if (euid === 0) process.seteuid!(65534) // root reads everything
  try {
    await expect(walk()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(`${root}/secret`) })
  } finally {
    process.seteuid!(euid)
  }
})

test('the event loop runs while a tree is walked', async () => {
  for (let i = 0; i < 3000; i++) writeFileSync(join(root, `f${i}`), 'x')
  utimesSync(root, 0, 0)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await walk()
  clearInterval(timer)
  expect(turns).toBeGreaterThan(1)
})
