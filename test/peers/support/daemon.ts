import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Daemon {
  readonly pid: number
  /** Asks it to end, by its own process id, and ends it after `grace` milliseconds. */
  stop(signal: NodeJS.Signals, grace: number): Promise<void>
}

export interface DaemonOptions {
  readonly env: NodeJS.ProcessEnv
  /** Its output goes there, and into the error when it does not become ready. */
  readonly log: string
  /** True once it answers; false or a failure means: ask again. */
  readonly ready: () => Promise<boolean>
  /** Milliseconds. */
  readonly timeout: number
}

/** Starts a daemon in the foreground of its own session and waits until it is ready. */
export async function startDaemon(command: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
  const log = openSync(options.log, 'a')
  const child = spawn(command, args, { env: options.env, stdio: ['ignore', log, log], detached: true, cwd: '/' })
  child.unref()
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  await Promise.race([untilReady(command, child, options), failed])
  return {
    pid: child.pid ?? 0,
    async stop(signal, grace) {
      child.kill(signal)
      const end = Date.now() + grace
      while (hasEnded(child) === undefined && Date.now() < end) await sleep(50)
      if (hasEnded(child) === undefined) child.kill('SIGKILL')
    },
  }
}

async function untilReady(command: string, child: ChildProcess, { ready, timeout, log }: DaemonOptions): Promise<void> {
  const end = Date.now() + timeout
  while (!(await ready().catch(() => false))) {
    const ended = hasEnded(child)
    if (ended === undefined && Date.now() < end) {
      await sleep(200)
      continue
    }
    const how = ended === undefined ? `not ready in ${timeout} ms` : `ended with ${ended}`
    throw new Error(`${command}: ${how}\n${readFileSync(log, 'utf8').slice(-4000)}`)
  }
}

function hasEnded(child: ChildProcess): string | undefined {
  return child.signalCode ?? child.exitCode?.toString()
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
