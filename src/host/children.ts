import type { ChildProcess } from 'node:child_process'

const live = new Set<ChildProcess>()
let watchingExit = false
let stopping = false

/** Remembers a child until it exits, so that it is ended when Ingot is. */
export function trackChild(child: ChildProcess): void {
  if (child.pid === undefined) return
  if (!watchingExit) process.on('exit', killChildrenSync)
  watchingExit = true
  live.add(child)
  child.once('exit', () => live.delete(child))
}

/** The children that are running now. */
export function liveChildren(): readonly ChildProcess[] {
  return [...live]
}

/** Ends all children at once, without waiting. */
export function killChildrenSync(): void {
  for (const child of live) child.kill('SIGKILL')
}

/** Asks all children to stop, waits at most `graceMs`, then ends those that are left. Resolves when all are gone. */
export async function stopChildren(graceMs: number): Promise<void> {
  stopping = true
  const gone = [...live].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())))
  for (const child of live) child.kill('SIGTERM')
  const timer = setTimeout(killChildrenSync, graceMs)
  await Promise.all(gone)
  clearTimeout(timer)
}

/** True once stopChildren has been called: programs that fail now do so because Ingot was asked to stop. */
export function isStopping(): boolean {
  return stopping
}
