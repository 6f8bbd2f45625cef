import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import { trackChild } from './children.ts'
import { type CommandOptions, commandEnvironment, commandFailed, type Ending } from './command.ts'
import { requireTool } from './tools.ts'

/** A running program that bulk bytes go through. */
export interface BulkChild {
  /**
   * Writes all of `source` to standard input and closes it. Rejects with the source's own error, after ending the
   * program; or with 'command-failed' when the program stopped reading and failed.
   */
  feed(source: ByteStream): Promise<void>
  /** Standard output. */
  output(): ByteStream
  /** Waits for the end of the program; throws 'command-failed' when it failed. */
  succeeded(): Promise<void>
  /** Ends the program if it still runs and waits until it is gone. */
  stop(): Promise<void>
}

export interface BulkStreams {
  readonly stdin: 'pipe' | 'ignore'
  readonly stdout: 'pipe' | 'ignore'
}

const keptStderr = 4096

/** Starts a program. Throws 'missing-tool' and 'io'. */
export async function startBulk(
  command: string,
  args: readonly string[],
  streams: BulkStreams,
  options: CommandOptions,
): Promise<BulkChild> {
  const program = await requireTool(command)
  const child = spawn(program, args, {
    env: commandEnvironment(options),
    stdio: [streams.stdin, streams.stdout, 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  const ended = endOf(child)
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw ioError(`run ${command}`, error)
  }
  trackChild(child)

  async function succeeded(): Promise<void> {
    const ending = await ended
    if (ending.exitCode !== 0) throw commandFailed(command, ending)
  }

  async function stop(): Promise<void> {
    child.kill('SIGKILL')
    for (const stream of child.stdio) stream?.destroy()
    await ended
  }

  async function feed(source: ByteStream): Promise<void> {
    const input = child.stdin as Writable
    let refused = false
    input.on('error', () => {
      refused = true // the program reads no more; how it ended says whether that is well
    })
    try {
      for await (const chunk of source) {
        if (refused)
          await succeeded() // and if so, the rest of the source is read and dropped
        else if (!input.write(chunk)) await writable(input)
        if (input.destroyed && !refused) return // by stop()
      }
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    input.end()
  }

  return { feed, output: () => child.stdout as Readable, succeeded, stop }
}

/** Resolves when a stream takes more, or never will. */
function writable(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) stream.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'error', 'close']) stream.on(event, done)
    if (stream.destroyed) done()
  })
}

/** Resolves when the program has ended and its streams are closed. */
function endOf(child: ChildProcess): Promise<Ending> {
  let stderr: Buffer = Buffer.alloc(0)
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-keptStderr)
  })
  return new Promise((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stderr: stderr.toString() }))
    child.once('error', () => resolve({ exitCode: null, signal: null, stderr: '' }))
  })
}
