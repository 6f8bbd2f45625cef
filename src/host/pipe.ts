import type { ByteStream } from '../image/stream.ts'
import { startBulk } from './bulk-child.ts'
import type { CommandOptions } from './command.ts'

/**
 * Sends `source` through a program: to its standard input, from its standard output. The program is looked for in
 * PATH, /usr/sbin and /sbin. An error of the source ends the program and is passed on as it is. Leaving the loop early
 * ends the program, closes the source and waits for both. A program that ends well without reading all of its input is
 * no failure; the rest of the source is then read and dropped, so that what it checks at its end is checked.
 * Throws 'missing-tool', 'io' (cannot start) and 'command-failed' with the last of its standard error.
 */
export async function* pipeThrough(
  command: string,
  args: readonly string[],
  source: ByteStream,
  options: CommandOptions = {},
): ByteStream {
  const child = await startBulk(command, args, { stdin: 'pipe', stdout: 'pipe' }, options)
  const feeding = child.feed(source)
  feeding.catch(() => {}) // reported below, after the output
  try {
    yield* child.output()
    await feeding
    await child.succeeded()
  } finally {
    await child.stop()
    await feeding.catch(() => {})
  }
}

/** The standard output of a program whose input is empty. Otherwise as pipeThrough. */
export async function* streamFrom(command: string, args: readonly string[], options: CommandOptions = {}): ByteStream {
  const child = await startBulk(command, args, { stdin: 'ignore', stdout: 'pipe' }, options)
  try {
    yield* child.output()
    await child.succeeded()
  } finally {
    await child.stop()
  }
}

/**
 * Sends `source` to the standard input of a program and waits for its end; its standard output is dropped.
 * Otherwise as pipeThrough.
 */
export async function streamInto(
  command: string,
  args: readonly string[],
  source: ByteStream,
  options: CommandOptions = {},
): Promise<void> {
  const child = await startBulk(command, args, { stdin: 'pipe', stdout: 'ignore' }, options)
  try {
    await child.feed(source)
    await child.succeeded()
  } finally {
    await child.stop()
  }
}
