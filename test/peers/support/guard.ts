// The program `node guard.ts FOLDER`: waits until its standard input ends, which is when the test lets go of the folder
// or dies in any way, and then ends every process of the folder with its control groups,
// unmounts what is mounted in it, and removes it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupsOf, removeCgroups } from './cgroups.ts'

const folder = process.argv[2] ?? ''
if (!/^\/.+\/ingot-peer-[^/]+$/.test(folder)) throw new Error(`${folder} is not a folder of a peer`)

process.stdin.resume()
await new Promise((resolve) => process.stdin.once('close', resolve))
const cgroups = await endProcesses()
unmountAll()
for (let round = 0; round < 30 && removeCgroups(cgroups).length > 0; round++) await sleep(100) // the dead leave them slowly
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })

/** Returns the control groups that the processes were in. */
async function endProcesses(): Promise<Set<string>> {
  const own = cgroupsOf('self')
  const cgroups = new Set<string>()
  for (let round = 0; round < 100; round++) {
    const pids = processesOfFolder()
    if (pids.length === 0) return cgroups
    for (const pid of pids) {
      for (const group of cgroupsOf(pid)) if (!own.includes(group)) cgroups.add(group)
      kill(pid)
    }
    await sleep(100)
  }
  throw new Error(`processes of ${folder} do not end: ${processesOfFolder().join(' ')}`)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Those whose environment names the folder, and all that descend from them; no zombies. */
function processesOfFolder(): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map(all.map((pid) => [Number(pid), parentOf(pid)]))
  const marked = all.filter((pid) => namesFolder(read(`/proc/${pid}/environ`))).map(Number)
  const found = new Set(marked.filter((pid) => pid !== process.pid))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid)
  }
  return [...found].filter((pid) => parents.get(pid) !== undefined)
}

/** podman's conmon keeps only some variables; a shell that merely stands in the folder is not of it. */
function namesFolder(environment: string): boolean {
  return environment.split('\0').some((variable) => variable.includes(folder) && !/^(OLD)?PWD=/.test(variable))
}

/** Undefined for a process that has ended. */
function parentOf(pid: string): number | undefined {
  const [state, parent] = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
  return state === undefined || state === '' || state === 'Z' || state === 'X' ? undefined : Number(parent)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // the process has ended
  }
}

function unmountAll(): void {
  for (let round = 0; round < 3; round++) {
    const points = mountPoints()
    if (points.length === 0) return
    for (const point of points) {
      if (spawnSync('umount', [point]).status !== 0) spawnSync('umount', ['-l', point])
    }
  }
  const left = mountPoints()
  if (left.length > 0) throw new Error(`still mounted: ${left.join(' ')}`)
}

/** Mount points inside the folder, the latest first. */
function mountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')
  const decoded = (text: string) => text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))
  const points = lines.map((line) => decoded(line.split(' ')[4] ?? ''))
  return points.filter((point) => point.startsWith(`${folder}/`)).reverse()
}
