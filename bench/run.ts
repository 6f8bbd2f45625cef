// `npm run bench [-- --runs N] [-- --write]`: Ingot beside the real peers in one run; ratios first, with their standard error. Fails when
// a target is missed.
// --write renews the table of docs/performance.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildContests } from './build.ts'
import { installBenchPeers, makeBigRootfs, makeLayeredImage, makeShifted } from './inputs.ts'
import { makeManyEntries } from './many-entries.ts'
import { type Comparison, type Contest, compare, median, once, type Run } from './measure.ts'
import { measureStore } from './store.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const runs = Number(values.runs)
const ingot = join(import.meta.dirname, '../bin/ingot')
const work = mkdtempSync(join(process.env.TMPDIR ?? '/var/tmp', 'ingot-bench-'))
const lines: string[] = []
const missed: string[] = []
const mostMemory = 300e6

try {
  await once('node scripts/bundle.ts')
  add(`| node -e 0, for comparison | – | – | – | ${(await bareStart()).toFixed(3)} s | – | – |`, true)
  await installBenchPeers()
  const layout = await makeLayeredImage(work)
  const shifted = await makeShifted(work)
  const blobs = layout.layers.join(' ')
  const out = `${work}/out`
  const reset = `sh -c 'rm -rf ${out} ${out}.d ${out}.lxd.tar.* ${out}.rootfs.*'`
  const unpack = `umoci unpack --image ${layout.path}:bench ${out}.d`
  const contests: Contest[] = [
    {
      job: `OCI, ${layout.layers.length} layers, ${mb(layout.compressed)} (${mb(layout.uncompressed)} of tar) → rootfs .tar.zst, level 3`,
      most: 0.5,
      ours: {
        label: 'ingot convert',
        command: `${ingot} convert oci:${layout.path}:bench --to rootfs --compression zstd:3 -o ${out}`,
      },
      peer: {
        label: 'umoci unpack, tar, zstd -3 -T0',
        command: `sh -c '${unpack} && tar -C ${out}.d/rootfs --numeric-owner --xattrs -cf - . | zstd -q -3 -T0 -o ${out}'`,
      },
      reset,
      output: out,
    },
    {
      job: 'the same, against the floor of the ordinary tools (no flattening, nothing checked)',
      most: 1.0,
      runs: Math.max(runs, 11), // the two are so close that the noise of five pairs decides
      ours: {
        label: 'ingot convert',
        command: `${ingot} convert oci:${layout.path}:bench --to rootfs --compression zstd:3 -o ${out}`,
      },
      peer: { label: 'gzip -dc, zstd -3 -T0', command: `sh -c 'gzip -dc ${blobs} | zstd -q -3 -T0 -o ${out}'` },
      reset,
      output: out,
    },
    {
      job: 'the same → LXD split image with squashfs, zstd level 3',
      most: 0.5,
      ours: {
        label: 'ingot convert',
        command: `${ingot} convert oci:${layout.path}:bench --to lxd --compression zstd:3 -o ${out}`,
      },
      peer: {
        label: 'umoci unpack, mksquashfs',
        command: `sh -c '${unpack} && mksquashfs ${out}.d/rootfs ${out}.rootfs.squashfs -comp zstd -Xcompression-level 3 -no-progress -quiet'`,
      },
      reset,
      output: out,
    },
    {
      job: 'the same → docker archive',
      most: 1.0,
      ours: {
        label: 'ingot convert',
        command: `${ingot} convert oci:${layout.path}:bench --to docker --name bench:1 -o ${out}`,
      },
      peer: {
        label: 'skopeo copy',
        command: `skopeo --insecure-policy copy -q oci:${layout.path}:bench docker-archive:${out}:bench:1`,
      },
      reset,
      output: out,
    },
    {
      job: `id shift of a .tar.gz, ${mb(statSync(shifted.path).size)}, → .tar.gz level 9`,
      most: 0.33,
      ours: {
        label: 'ingot pack',
        command: `${ingot} pack rootfs:${shifted.path} --shift-ids -100000 --to rootfs --compression gzip:9 -o ${out}`,
      },
      peer: {
        label: 'gunzip, Go program, gzip -9',
        command: `sh -c 'gunzip -c ${shifted.path} | ${shifted.program} | gzip -9 > ${out}'`,
      },
      reset,
      output: out,
    },
    {
      job: 'the same → .tar.zst level 3',
      most: 0.1,
      ours: {
        label: 'ingot pack',
        command: `${ingot} pack rootfs:${shifted.path} --shift-ids -100000 --to rootfs --compression zstd:3 -o ${out}`,
      },
      peer: {
        label: 'gunzip, Go program, gzip -9',
        command: `sh -c 'gunzip -c ${shifted.path} | ${shifted.program} | gzip -9 > ${out}'`,
      },
      reset,
      output: out,
    },
  ]
  for (const contest of contests.filter((c) => new RegExp(values.only ?? '').test(c.job)))
    print(await compare(contest, contest.runs ?? runs))
  // `--only build` are all of these, `--only 'recipe.*mkosi'` is one.
  if (!values.only || /build|recipe|rootfs \+/.test(values.only)) {
    const wanted = new RegExp(values.only === 'build' ? '' : (values.only ?? ''))
    for (const contest of await buildContests(work, ingot))
      if (wanted.test(`${contest.job} ${contest.peer.label}`)) print(await compare(contest, contest.runs ?? runs))
  }
  if (!values.only || values.only === 'memory') await memory(reset, out)
  if (!values.only || values.only === 'many') await manyEntries(reset, out)
  if (!values.only || values.only === 'start') await start()
  if (!values.only || values.only === 'store') await store()
} finally {
  rmSync(work, { recursive: true, force: true })
}
if (values.write) writeTable()
if (missed.length > 0) {
  process.stderr.write(`missed targets:\n${missed.map((line) => `  ${line}\n`).join('')}`)
  process.exitCode = 1
}

function print(c: Comparison): void {
  const figures = (seconds: number, bytes?: number) =>
    `${seconds.toFixed(2)} s${bytes ? `, ${(bytes / 1e6).toFixed(1)} MB` : ''}`
  const [ours, peer] = [figures(c.oursSeconds, c.oursBytes), figures(c.peerSeconds, c.peerBytes)]
  const target = c.mostSeconds === undefined ? `≤ ${c.most}` : `≤ ${c.most}, < ${c.mostSeconds} s`
  add(
    `| ${c.job} | ${c.peer} | **${c.ratio.toFixed(2)}** ± ${c.error.toFixed(2)} | ${target} | ${ours} | ${peer} | ${mb(c.peakBytes)} |`,
    c.ratio <= c.most && c.oursSeconds < (c.mostSeconds ?? Infinity) && c.peakBytes < mostMemory,
  )
}

/** A row about memory. */
function printMemory(job: string, run: Run): void {
  const memory = mb(run.peakBytes)
  add(
    `| ${job}: peak memory | – | – | < ${mb(mostMemory)} | ${run.seconds.toFixed(1)} s | – | ${memory} |`,
    run.peakBytes < mostMemory,
  )
}

/** A row about a time that has no peer. */
function printTime(job: string, most: number, seconds: number, memory: string): void {
  add(`| ${job} | – | – | < ${most} s | ${seconds.toFixed(3)} s | – | ${memory} |`, seconds < most)
}

/** What Node itself takes to start, in seconds: tells how quick the machine is in this hour. */
async function bareStart(): Promise<number> {
  const times: number[] = []
  for (let i = -1; i < 21; i++) times.push((await once(`${process.execPath} -e 0`)).seconds)
  return median(times.slice(1))
}

/** Peak memory while converting 1 GB and 10 GB, to the formats that work hardest. */
async function memory(reset: string, out: string): Promise<void> {
  for (const gigabytes of [1, 10]) {
    const big = await makeBigRootfs(work, gigabytes)
    for (const to of ['rootfs', 'docker']) {
      await once(reset)
      const run = await once(
        `${ingot} convert rootfs:${big} --to ${to} --name big:1 --compression ${to === 'rootfs' ? 'zstd:1' : 'gzip:1'} --architecture amd64 -o ${out}`,
      )
      printMemory(`rootfs of ${gigabytes} GB → ${to}`, run)
    }
    rmSync(big)
  }
}

/** Peak memory with a million entries: flattening them in one reading and in two (standard output), and comparing two such trees. */
async function manyEntries(reset: string, out: string): Promise<void> {
  const { a, b, shifted, layout } = await makeManyEntries(work)
  const diff = (x: string, y: string) => `sh -c '${ingot} diff rootfs:${x} rootfs:${y} > ${out}; test $? = 1'`
  const jobs = [
    ['OCI, 3 layers → rootfs', `${ingot} convert ${layout} --to rootfs -o ${out}`],
    ['the same to standard output', `${ingot} convert ${layout} --to rootfs -o - > ${out}`],
    ['ingot diff of two, 1 % of which differs', diff(a, b)],
    ['ingot diff of two, each file of which differs in owner and extended attributes', diff(a, shifted)],
  ] as const
  for (const [job, command] of jobs) {
    await once(reset)
    printMemory(`a million entries, ${job}`, await once(command))
  }
}

async function store(): Promise<void> {
  for (const { job, most, seconds, peakBytes } of await measureStore(work, ingot, runs)) {
    printTime(job.replaceAll('|', '\\|'), most, seconds, mb(peakBytes))
  }
}

async function start(): Promise<void> {
  for (const flag of ['--version', '--help']) {
    const times: number[] = []
    for (let i = 0; i < runs + 1; i++) times.push((await once(`${ingot} ${flag}`)).seconds)
    printTime(`ingot ${flag}`, 0.1, median(times.slice(1)), '–')
  }
}

function add(line: string, met: boolean): void {
  lines.push(line)
  if (!met) missed.push(line)
  process.stdout.write(`${line}\n`)
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function writeTable(): void {
  const path = join(import.meta.dirname, '../docs/performance.md')
  if (!existsSync(path)) throw new Error(`${path} is missing`)
  const head = ['| job | peer | ratio | target | Ingot | peer | Ingot’s peak memory |', '|---|---|---|---|---|---|---|']
  const [start, end] = ['<!-- bench -->', '<!-- /bench -->']
  const text = readFileSync(path, 'utf8')
  const table = [start, ...head, ...lines, end].join('\n')
  writeFileSync(
    path,
    text.replace(new RegExp(`${start}[\\s\\S]*${end}`), () => table),
  )
}
