/**
 * Compression speed against the real programs on a tar of about 300 MB made from /usr/lib.
 * Run: node bench/compression.ts [round count]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { compress } from '../src/compression/compress.ts'
import { decompress } from '../src/compression/decompress.ts'
import { parseCompression } from '../src/compression/parse.ts'
import { openFile } from '../src/host/file.ts'
import { temporaryFolder } from '../src/host/temporary.ts'
import type { ByteStream } from '../src/image/stream.ts'

const sampleBytes = 300_000_000
const rounds = Number(process.argv[2] ?? 3)

interface Job {
  readonly name: string
  /** Bytes of uncompressed tar that it handles. */
  readonly bytes: number
  readonly peer: string
  readonly ours: () => Promise<void>
}

async function drain(stream: ByteStream): Promise<void> {
  for await (const _ of stream);
}

async function save(stream: ByteStream, path: string): Promise<void> {
  const file = createWriteStream(path)
  for await (const chunk of stream) if (!file.write(chunk)) await once(file, 'drain')
  file.end()
  await once(file, 'close')
}

async function seconds(work: () => Promise<void> | void): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function shell(command: string): void {
  const { status } = spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${command} failed`)
}

async function measure(job: Job): Promise<void> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await seconds(job.ours))
    theirs.push(await seconds(() => shell(job.peer)))
  }
  const speed = (times: readonly number[]) => `${(job.bytes / 1e6 / median(times)).toFixed(0).padStart(5)} MB/s`
  const ratio = (median(theirs) / median(ours)).toFixed(2)
  process.stdout.write(`${ratio.padStart(5)}×  ${job.name.padEnd(28)} ours ${speed(ours)}   peer ${speed(theirs)}\n`)
}

const folder = await temporaryFolder({ prefix: 'ingot-bench-' })
const sample = join(folder.path, 'sample.tar')
execFileSync('sh', ['-c', `tar -cf - -C /usr lib 2>/dev/null | head -c ${sampleBytes} > ${sample}`])
const plain = await openFile(sample)
await drain(plain.open()) // into the page cache

const packing = [
  ['zstd:3', 'zstd -3 -T0 -q -c'],
  ['zstd:9', 'zstd -9 -T0 -q -c'],
  ['gzip:6', 'pigz -6 -c'],
  ['gzip:1', 'pigz -1 -c'],
] as const
for (const [options, peer] of packing) {
  await measure({
    name: `compress ${options} / ${peer.split(' ')[0]}`,
    bytes: plain.size,
    peer: `${peer} ${sample} > ${sample}.peer`,
    ours: () => save(compress(plain.open(), parseCompression(options)), `${sample}.ours`),
  })
  const size = (path: string) => (statSync(path).size / 1e6).toFixed(1)
  process.stdout.write(`        ${size(`${sample}.ours`)} MB, peer ${size(`${sample}.peer`)} MB\n`)
}

const unpacking = [
  ['our gzip', 'gzip:6', undefined, 'gzip -dc'],
  ['pigz', undefined, 'pigz -6 -c', 'gzip -dc'],
  ['our zstd', 'zstd:3', undefined, 'zstd -dc -q'],
  ['zstd, one frame', undefined, 'zstd -3 -T0 -q -c', 'zstd -dc -q'],
  ['xz', 'xz:1', undefined, 'xz -dc -T2'],
  ['bzip2', undefined, 'head -c 60000000 SAMPLE | bzip2 -c', 'bzip2 -dc'],
] as const
for (const [name, options, command, peer] of unpacking) {
  const packed = `${sample}.packed`
  if (options !== undefined) await save(compress(plain.open(), parseCompression(options)), packed)
  else if (command.includes('SAMPLE')) shell(`${command.replace('SAMPLE', sample)} > ${packed}`)
  else shell(`${command} ${sample} > ${packed}`)
  const file = await openFile(packed)
  let bytes = 0
  for await (const chunk of decompress(file.open(), { name: packed })) bytes += chunk.length
  await measure({
    name: `decompress ${name}`,
    bytes,
    peer: `${peer} < ${packed} > /dev/null`,
    ours: () => drain(decompress(file.open(), { name: packed })),
  })
}

process.stdout.write(
  `largest resident set of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB\n`,
)
await folder.remove()
