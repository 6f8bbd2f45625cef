import type { Options } from 'execa'
import { IngotError, ioError } from '../image/error.ts'
import { trackChild } from './children.ts'
import { type CommandOptions, commandEnvironment, commandFailed } from './command.ts'
import { requireTool } from './tools.ts'

export interface RunOptions extends CommandOptions {
  /** Standard input. Default: empty. */
  readonly input?: string | Uint8Array
  /** Standard input is a pipe instead, on which nothing ever comes, and which ends when Ingot does. */
  readonly lifeline?: boolean
  /** 'inherit' lets the program talk to the user: all three streams are Ingot's own, and the result holds no text. */
  readonly stdio?: 'capture' | 'inherit'
  /** Called with each line of standard output and standard error as it comes. */
  readonly onLine?: (line: string) => void
  /** False: what the program writes goes to `onLine` alone, and there is no limit to it. Default true. */
  readonly keep?: boolean
  /** Exit statuses that are no failure. Default: only 0. */
  readonly accept?: readonly number[]
  /** Milliseconds after which the program is stopped ('command-failed'). Default: none. */
  readonly timeout?: number
  /** Stops the program ('interrupted'). */
  readonly signal?: AbortSignal
}

export interface RunResult {
  readonly exitCode: number
  /** UTF-8, without the last line feed. */
  readonly stdout: string
  readonly stderr: string
}

const maxOutput = 16 * 1024 * 1024

/**
 * Runs a program to its end, for control rather than for bulk bytes: 'command-failed' when it writes more than 16 MiB.
 * The program is looked for in PATH, /usr/sbin and /sbin. It is stopped when Ingot is: asked first, ended 5 s later.
 * Throws 'missing-tool' when there is no such program, 'command-failed' with the last lines of its standard error
 * when it fails, 'interrupted' when `signal` stopped it.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const program = await requireTool(command)
  const { execa } = await import('execa') // takes 80 ms to load, so only when something is run
  const child = execa(program, args, {
    env: commandEnvironment(options),
    extendEnv: false,
    reject: false,
    maxBuffer: maxOutput,
    buffer: options.keep ?? true,
    forceKillAfterDelay: 5000,
    ...streams(options),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
    ...(options.signal !== undefined && { cancelSignal: options.signal }),
  })
  trackChild(child.nodeChildProcess)
  const result = await child
  const { exitCode, signal } = result
  const stdout = textOf(result.stdout)
  const stderr = textOf(result.stderr)
  if (exitCode !== undefined && (exitCode === 0 || options.accept?.includes(exitCode)) && !result.isMaxBuffer) {
    return { exitCode, stdout, stderr }
  }
  if (result.isCanceled) throw new IngotError('interrupted', `${command} was stopped`, { cause: result.cause })
  if (result.timedOut) {
    throw new IngotError('command-failed', `${command} was stopped after ${options.timeout} ms without an end`)
  }
  if (result.isMaxBuffer) throw new IngotError('command-failed', `${command} wrote more than ${maxOutput} bytes`)
  if (exitCode === undefined && signal === undefined) throw ioError(`run ${command}`, result.cause)
  throw commandFailed(command, { exitCode, signal, stderr: stderr || stdout })
}

function streams(options: RunOptions): Options {
  if (options.stdio === 'inherit') return { stdio: 'inherit' }
  const output = options.onLine === undefined ? 'pipe' : teller(options.onLine)
  const stdin = options.lifeline ? ('pipe' as const) : ('ignore' as const)
  const input = options.input === undefined ? { stdin } : { input: options.input }
  return { ...input, stdout: output, stderr: output }
}

/** A transform that shows each line and passes it on unchanged. */
function teller(onLine: (line: string) => void) {
  return function* (line: unknown) {
    onLine(String(line))
    yield line
  }
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : ''
}
