import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('results come in the order of the items, never too many at a time', async () => {
  let running = 0
  let most = 0
  async function* items() {
    for (let i = 0; i < 30; i++) yield i
  }
  const results: number[] = []
  const work = async (item: number) => {
    most = Math.max(most, ++running)
    await pause((item * 7) % 5)
    running--
    return item * 2
  }
  for await (const result of inOrder(items(), 4, work)) results.push(result)
  expect(results).toEqual(Array.from({ length: 30 }, (_, i) => i * 2))
  expect(most).toBe(4)
})

test('a failure and leaving early close the source and wait for what has begun', async () => {
  let closed = 0
  let running = 0
  async function* items() {
    try {
      for (let i = 0; ; i++) yield i
    } finally {
      closed++
    }
  }
  const work = async (item: number) => {
    running++
    await pause(item)
    running--
    if (item === 3) throw new Error('third')
    return item
  }
  const seen: number[] = []
  const reading = (async () => {
    for await (const result of inOrder(items(), 4, work)) seen.push(result)
  })()
  await expect(reading).rejects.toThrow('third')
  expect([seen, closed, running]).toEqual([[0, 1, 2], 1, 0])
  for await (const _ of inOrder(items(), 4, work)) break
  expect([closed, running]).toEqual([2, 0])
})
