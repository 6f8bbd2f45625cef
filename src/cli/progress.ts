import { formatBytes, formatDuration } from './text.ts'

/** Shows how far a long read has come. */
export interface Progress {
  /** Adds to the expected total, bytes. */
  size(bytes: number): void
  read(bytes: number): void
  /** Takes the line away. */
  done(): void
}

/** What progress is shown on: standard error, mostly. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * On a terminal: a bar with rate and time left, redrawn ten times a second. Otherwise a plain line every ten seconds, so
 * that logs show life. Inputs that are read in two passes start the bar again, with the pass named.
 */
export function createProgress(label: string, screen: Screen = process.stderr, now: () => number = Date.now): Progress {
  const started = now()
  let total = 0
  let read = 0
  let lastDrawn = started
  const interval = screen.isTTY ? 100 : 10_000

  function line(): string {
    const seconds = Math.max((now() - started) / 1000, 0.001)
    const rate = read / seconds
    const pass = total > 0 ? Math.floor(read / total) + 1 : 1
    const inPass = total > 0 ? read % total : read
    const name = pass > 1 ? `${label}, pass ${pass}` : label
    if (total === 0) return `${name}  ${formatBytes(read)}  ${formatBytes(rate)}/s`
    const left = rate > 0 ? formatDuration((total - inPass) / rate) : '?'
    const text = `${formatBytes(inPass)} of ${formatBytes(total)}  ${formatBytes(rate)}/s  ${left} left`
    if (!screen.isTTY) return `${name}  ${text}`
    const room = Math.min(40, (screen.columns ?? 80) - name.length - text.length - 6)
    if (room < 8) return `${name}  ${text}`
    const filled = Math.round((inPass / total) * room)
    return `${name}  ${'█'.repeat(filled)}${'░'.repeat(room - filled)}  ${text}`
  }

  return {
    size(bytes) {
      total += bytes
    },
    read(bytes) {
      read += bytes
      const time = now()
      if (time - lastDrawn < interval) return
      lastDrawn = time
      screen.write(screen.isTTY ? `\r\x1b[2K${line()}` : `${line()}\n`)
    },
    done() {
      if (screen.isTTY && lastDrawn !== started) screen.write('\r\x1b[2K')
    },
  }
}
