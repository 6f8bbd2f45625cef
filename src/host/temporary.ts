import { mkdtemp } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ioError } from '../image/error.ts'
import { killChildrenSync, stopChildren } from './children.ts'
import { libc } from './libc.ts'
import { removeTree, removeTreeSync } from './remove-tree.ts'

export interface TemporaryFolder {
  readonly path: string
  /** Removes it with all that is in it. Does nothing the second time. */
  remove(): Promise<void>
}

const registered = new Set<string>()
const firsts = new Set<() => void>()
let watchingExit = false

/** Where temporary folders go: $INGOT_TMPDIR, else $TMPDIR, else /var/tmp. */
function temporaryBase(): string {
  return process.env.INGOT_TMPDIR || process.env.TMPDIR || '/var/tmp'
}

/**
 * A new empty folder, mode 0700, inside `in` (default: temporaryBase) with a name that begins with `prefix` (default
 * `ingot-`). It goes when `remove` is called, and at the latest when the process ends, whichever way it does
 * (SIGKILL excepted; signals need installSignalHandlers).
 */
export async function temporaryFolder(options: { in?: string; prefix?: string } = {}): Promise<TemporaryFolder> {
  const base = options.in ?? temporaryBase()
  let path: string
  try {
    path = await mkdtemp(join(base, options.prefix ?? 'ingot-'))
  } catch (error) {
    throw ioError(`create a temporary folder in ${base}`, error)
  }
  registerTemporary(path)
  return {
    path,
    async remove() {
      await removeTree(path)
      forgetTemporary(path)
    },
  }
}

/** A file or folder that must go when the process ends before `forgetTemporary` is called for it. */
export function registerTemporary(path: string): void {
  registered.add(path)
  if (watchingExit) return
  watchingExit = true
  process.on('exit', () => {
    killChildrenSync()
    removeTemporarySync()
  })
}

/** The path is final, or gone. */
export function forgetTemporary(path: string): void {
  registered.delete(path)
}

/** Work that must be done before anything temporary is removed, when the process ends early: unmounting. */
export function beforeRemoval(work: () => void): { forget(): void } {
  firsts.add(work)
  return { forget: () => firsts.delete(work) }
}

/** Removes everything registered. What cannot be removed is named on standard error. */
function removeTemporarySync(): void {
  for (const first of firsts) first()
  for (const path of registered) {
    registered.delete(path)
    try {
      removeTreeSync(path)
    } catch (error) {
      process.stderr.write(`ingot: ${error instanceof Error ? error.message : error}\n`)
    }
  }
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const graceMs = 5000

/**
 * For the command line to call once: on SIGINT, SIGTERM or SIGHUP stops all children (asked first, ended after 5 s),
 * removes everything temporary and exits with 128 + the signal's number. A second signal ends the children at once.
 */
export function installSignalHandlers(): void {
  let stopping = false
  for (const signal of stopSignals) {
    process.on(signal, () => {
      const status = 128 + constants.signals[signal]
      if (stopping) endNow(status)
      stopping = true
      void stopChildren(graceMs).then(() => endNow(status))
    })
  }
}

/**
 * Leaves by the system's own door. process.exit would wait for V8's threads, and one that compiles may wait for the main thread to
 * collect garbage at that moment: then neither ever ends (seen once in some thousand interruptions, with Node 24.21).
 */
function endNow(status: number): void {
  killChildrenSync()
  removeTemporarySync()
  libc()._exit(status)
}
