import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readAhead } from './read-ahead.ts'

interface Source {
  readonly open: () => AsyncIterable<number>
  given: number
  closed: boolean
}

function source(length: number, failAt = Infinity): Source {
  const state: Source = {
    given: 0,
    closed: false,
    async *open() {
      try {
        for (let i = 0; i < length; i++) {
          if (i === failAt) throw new Error(`failed at ${i}`)
          state.given++
          yield i
        }
      } finally {
        state.closed = true
      }
    },
  }
  return state
}

async function items(batches: AsyncIterable<readonly number[]>): Promise<number[]> {
  const all: number[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

async function readAll(sources: readonly Source[]): Promise<number[][]> {
  const all: number[][] = []
  for await (const batches of readAhead(sources.map(({ open }) => open))) all.push(await items(batches))
  return all
}

test('everything comes, in order, from streams of any length', async () => {
  const lengths = [0, 1, 255, 256, 257, 30_000, 0, 5]
  const all = await readAll(lengths.map((length) => source(length)))
  expect(all).toEqual(lengths.map((length) => Array.from({ length }, (_, i) => i)))
  expect(await readAll([])).toEqual([])
})

test('the next stream is read while the first is waited for, but not without end', async () => {
  const [first, second, third] = [source(10), source(100_000), source(10)]
  for await (const batches of readAhead([first, second, third].map(({ open }) => open))) {
    while (second.given < 10_240) await setImmediate()
    for (let i = 0; i < 50; i++) await setImmediate()
    expect(second.given).toBe(10_240)
    expect(third.given).toBe(0)
    expect(await items(batches)).toHaveLength(10)
    break
  }
  expect([first.closed, second.closed, third.closed]).toEqual([true, true, false])
})

test('a stream that nobody reads to its end is closed before the next is given', async () => {
  const [first, second] = [source(100_000), source(3)]
  const lengths: number[] = []
  for await (const batches of readAhead([first.open, second.open])) {
    if (lengths.length > 0) expect(first.closed).toBe(true)
    for await (const batch of batches) {
      lengths.push(batch.length)
      break
    }
  }
  expect(lengths).toEqual([256, 3])
})

test('an error comes in its own stream, after what came before it', async () => {
  const [good, bad] = [source(5), source(1000, 600)]
  const seen: number[] = []
  async function read(): Promise<void> {
    for await (const batches of readAhead([good.open, bad.open]))
      for await (const batch of batches) seen.push(batch.length)
  }
  await expect(read()).rejects.toThrow('failed at 600')
  expect(seen).toEqual([5, 256, 256])
  expect([good.closed, bad.closed]).toEqual([true, true])
})

test('an error ahead of time waits for its turn, and is nobody’s when the reader leaves before', async () => {
  for await (const batches of readAhead([source(5).open, source(5, 0).open])) {
    for (let i = 0; i < 20; i++) await setImmediate()
    expect(await items(batches)).toHaveLength(5)
    break
  }
})
