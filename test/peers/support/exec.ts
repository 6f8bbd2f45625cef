import { spawn } from 'node:child_process'

export interface ExecOptions {
  readonly cwd?: string
  /** The whole environment. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds after which the program and its children are killed and the call fails. Default: two minutes. */
  readonly timeout?: number
  /** Exit statuses that are no failure. Default: only 0. */
  readonly accept?: readonly number[]
  /** How standard output becomes text; `latin1` for bytes. Default `utf8`. */
  readonly encoding?: 'utf8' | 'latin1'
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end without a shell. Throws, with what the program said, when it fails or takes too long. */
export async function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { timeout = 120_000, accept = [0], encoding = 'utf8' } = options
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that a timeout ends all of it
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, timeout)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const [stdout, stderr] = [Buffer.concat(out).toString(encoding), Buffer.concat(err).toString('utf8')]
    if (code !== null && accept.includes(code)) return { code, stdout, stderr }
    const how = late ? `took more than ${timeout} ms` : `exit status ${code}`
    throw new Error(`${[command, ...args].join(' ')}: ${how}\n${stderr.slice(-4000)}${stdout.slice(-2000)}`)
  } finally {
    clearTimeout(timer)
  }
}

/** As exec, and returns standard output without the white space at its end. */
export async function output(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  return (await exec(command, args, options)).stdout.trimEnd()
}
