import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { OrdinaryUser } from './ordinary-user.ts'

export const bin = join(import.meta.dirname, '../../bin/ingot')

export interface Outcome {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface IngotOptions {
  readonly input?: Buffer | string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly as?: OrdinaryUser | undefined
}

/** Runs the real command line to its end. */
export async function ingot(args: readonly string[], options: IngotOptions = {}): Promise<Outcome> {
  const { child, ended } = startIngot(args, options)
  child.stdin?.on('error', () => undefined) // A command that fails early does not read all of its input.
  child.stdin?.end(options.input ?? Buffer.alloc(0))
  return await ended
}

/** Starts the real command line, for tests that stop it on the way. */
export function startIngot(
  args: readonly string[],
  options: IngotOptions = {},
): { child: ChildProcess; ended: Promise<Outcome> } {
  const [program, ...words] = [...(options.as?.prefix ?? []), bin, ...args]
  const child = spawn(program!, words, {
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal, stdout: Buffer.concat(stdout), stderr }))
  })
  return { child, ended }
}
