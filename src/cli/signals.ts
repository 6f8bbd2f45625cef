import { installSignalHandlers } from '../host/temporary.ts'

/** Runs work during which Ctrl-C and TERM stop every child process and remove every temporary file before the process ends. */
export async function withSignals(work: () => Promise<void>): Promise<void> {
  installSignalHandlers()
  await work()
}
