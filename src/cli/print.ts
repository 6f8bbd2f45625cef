import { fstatSync, writeSync } from 'node:fs'
import { errnoOf } from '../image/error.ts'
import type { Screen } from './progress.ts'

const wait = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes to standard output, all of it. process.stdout does the same, but loads Node's streams first: 14 ms, of some 60 that quick
 * commands have. Whoever reads and has seen enough (`| head`) ends the program, as by SIGPIPE. Not to be mixed with process.stdout.
 */
export function print(text: string | Uint8Array): void {
  writeAll(1, text)
}

/**
 * Standard error: of a terminal the stream, elsewhere what writes as `print` does.
 */
export function standardError(): Screen {
  const { rdev } = fstatSync(2)
  // Character devices are terminals, but for those of /dev/null's family.
  const isTerminal = rdev !== 0 && rdev >> 8 !== 1
  return isTerminal ? process.stderr : { write: (text) => writeAll(2, text) }
}

function writeAll(file: 1 | 2, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(file, bytes, done)
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') process.exit(141)
      // A pipe that another program has set to not wait is full.
      if (errnoOf(error) !== 'EAGAIN') throw error
      Atomics.wait(wait, 0, 0, 5)
    }
  }
}
