import { type ByteString, displayBytes } from '../image/bytes.ts'

/** Counts things that a format cannot hold, to warn of each kind once. */
export interface Tally {
  add(message: string, path: ByteString): void
  /** Warns: each message with the number of entries and the first path. */
  report(): void
}

export function createTally(warn: (message: string) => void): Tally {
  const kinds = new Map<string, { count: number; first: ByteString }>()
  return {
    add(message, path) {
      const kind = kinds.get(message)
      if (kind) kind.count++
      else kinds.set(message, { count: 1, first: path })
    },
    report() {
      for (const [message, { count, first }] of kinds) {
        const name = `/${displayBytes(first)}`
        warn(count === 1 ? `${message}: ${name}` : `${message}: ${count} entries, the first is ${name}`)
      }
      kinds.clear()
    },
  }
}
