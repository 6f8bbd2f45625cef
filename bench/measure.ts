import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'

/** One run of a shell command. */
export interface Run {
  readonly seconds: number
  /** Highest resident memory of the started process and of each process below it, bytes; the largest single one. */
  readonly peakBytes: number
}

/** Runs a shell command once. Throws when it fails. */
export async function once(command: string): Promise<Run> {
  const started = process.hrtime.bigint()
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk).slice(-2000)))
  let peakBytes = 0
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), 20)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearInterval(watch)
  if (status !== 0) throw new Error(`exit ${status}: ${command}\n${errors}`)
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peakBytes }
}

function peakOf(pid: number | undefined): number {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    return Math.max(own, ...children.map((child) => peakOf(Number(child))))
  } catch {
    return 0 // The process has ended between two looks.
  }
}

export interface Comparison {
  readonly job: string
  readonly ours: string
  readonly peer: string
  /** Ingot's time divided by the peer's, pair by pair, median. */
  readonly ratio: number
  /** The standard error of that. */
  readonly error: number
  readonly oursSeconds: number
  readonly peerSeconds: number
  readonly peakBytes: number
  /** Sizes of what the two wrote, where that is one file. */
  readonly oursBytes: number | undefined
  readonly peerBytes: number | undefined
  /** The highest ratio that is good enough. */
  readonly most: number
  /** The most seconds that are good enough; undefined: any. */
  readonly mostSeconds: number | undefined
}

export interface Contest {
  readonly job: string
  /** The highest ratio that is good enough. */
  readonly most: number
  /** The most seconds that are good enough, where there is such a target. */
  readonly mostSeconds?: number
  /** How many pairs, where the usual number is too few or too many. */
  readonly runs?: number
  readonly ours: { readonly label: string; readonly command: string }
  readonly peer: { readonly label: string; readonly command: string }
  /** Run before each command, not timed: removes outputs. */
  readonly reset: string
  /** Where both write to. */
  readonly output: string
}

/** Runs both in turn, A B A B …, after one warm-up of each. */
export async function compare(contest: Contest, runs: number): Promise<Comparison> {
  const ours: Run[] = []
  const peer: Run[] = []
  const sizes = new Map<Run[], number>()
  for (let i = -1; i < runs; i++) {
    for (const [side, into] of [
      [contest.ours, ours],
      [contest.peer, peer],
    ] as const) {
      await once(contest.reset)
      const run = await once(side.command)
      if (i >= 0) into.push(run)
      if (existsSync(contest.output)) sizes.set(into, statSync(contest.output).size)
    }
  }
  const ratios = ours.map((run, i) => run.seconds / peer[i]!.seconds)
  return {
    job: contest.job,
    ours: contest.ours.label,
    peer: contest.peer.label,
    ratio: median(ratios),
    error: standardError(ratios),
    oursSeconds: median(ours.map((run) => run.seconds)),
    peerSeconds: median(peer.map((run) => run.seconds)),
    peakBytes: Math.max(...ours.map((run) => run.peakBytes)),
    oursBytes: sizes.get(ours),
    peerBytes: sizes.get(peer),
    most: contest.most,
    mostSeconds: contest.mostSeconds,
  }
}

/** Of a median, as that of a normal distribution: 1.2533 times that of the mean. */
function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return 1.2533 * Math.sqrt(variance / values.length)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
