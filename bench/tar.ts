import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFile } from '../src/host/file.ts'
import { bodyOf, type Entry, makeHeader } from '../src/image/entry.ts'
import type { ByteStream } from '../src/image/stream.ts'
import { indexMembers } from '../src/tar/members.ts'
import { readTar } from '../src/tar/read.ts'
import { writeTar } from '../src/tar/write.ts'

/**
 * Reads and writes a tar archive of many small files, from memory and from a file, beside GNU tar. Prints MB/s of
 * archive (median of 5 runs) and the ratio to GNU tar. Usage: node bench/tar.ts [files] [bytes of a file]
 */
const count = Number(process.argv[2] ?? 40_000)
const bytes = Number(process.argv[3] ?? 10_000)
const chunkBytes = 1024 * 1024

async function* makeEntries(): AsyncGenerator<Entry> {
  const content = Buffer.alloc(bytes, 'ingot')
  for (let i = 0; i < count; i++) {
    const folder = `usr/share/folder-${Math.floor(i / 100)}`
    if (i % 100 === 0) yield { ...makeHeader({ path: folder, type: 'directory' }), body: bodyOf(Buffer.alloc(0)) }
    const header = makeHeader({
      path: `${folder}/file-${i}.txt`,
      type: 'file',
      size: bytes,
      mtime: 1700000000n * 10n ** 9n,
    })
    yield { ...header, body: bodyOf(content) }
  }
}

async function* chunksOf(archive: Buffer, size: number): ByteStream {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size)
}

async function drain(stream: ByteStream): Promise<void> {
  for await (const chunk of stream) void chunk
}

async function readAll(source: ByteStream, withBodies: boolean): Promise<void> {
  for await (const entry of readTar(source, { name: 'bench' })) {
    if (withBodies) for await (const chunk of entry.body) void chunk
  }
}

async function measure(work: () => Promise<unknown> | unknown): Promise<number> {
  const seconds: number[] = []
  for (let run = 0; run < 6; run++) {
    const start = performance.now()
    await work()
    if (run > 0) seconds.push((performance.now() - start) / 1000)
  }
  return seconds.sort((a, b) => a - b)[2]!
}

const folder = mkdtempSync(join(tmpdir(), 'ingot-bench-'))
try {
  const chunks: Buffer[] = []
  for await (const chunk of writeTar(makeEntries())) chunks.push(chunk)
  const archive = Buffer.concat(chunks)
  const path = join(folder, 'bench.tar')
  writeFileSync(path, archive)
  const tree = join(folder, 'tree')
  execFileSync('mkdir', [tree])
  execFileSync('tar', ['xf', path, '-C', tree])
  const file = await openFile(path)
  const megabytes = archive.length / 1e6

  const list = await measure(() => execFileSync('tar', ['tf', path], { stdio: 'ignore' }))
  const create = await measure(() => execFileSync('sh', ['-c', `tar cf - -C ${tree} . | cat > /dev/null`]))
  const rows: [string, number, number | undefined][] = [
    ['tar tf FILE', list, undefined],
    ['tar cf - | cat (from a tree)', create, undefined],
    ['write from memory', await measure(() => drain(writeTar(makeEntries()))), create],
    ['read from memory, bodies skipped', await measure(() => readAll(chunksOf(archive, chunkBytes), false)), list],
    ['read from memory, bodies read', await measure(() => readAll(chunksOf(archive, chunkBytes), true)), list],
    ['read from memory, 64 KiB chunks', await measure(() => readAll(chunksOf(archive, 65536 - 100), true)), list],
    ['read from a file, bodies read', await measure(() => readAll(file.open(), true)), list],
    [
      'read and write, from memory',
      await measure(() => drain(writeTar(readTar(chunksOf(archive, chunkBytes), { name: 'b' })))),
      create,
    ],
    ['indexMembers of a file', await measure(() => indexMembers(file)), list],
    ['floor: openFile alone', await measure(() => drain(file.open())), undefined],
  ]
  console.log(`${count} files of ${bytes} bytes, archive of ${statSync(path).size} bytes`)
  for (const [name, seconds, peer] of rows) {
    const ratio = peer === undefined ? '' : `${(peer / seconds).toFixed(2)}× GNU tar`
    console.log(`${name.padEnd(36)} ${(megabytes / seconds).toFixed(0).padStart(6)} MB/s  ${ratio}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
