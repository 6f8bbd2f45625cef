import { expect, test } from 'vitest'
import { type Counter, limited } from './limits.ts'
import type { Limits } from './types.ts'

const mebibyte = Buffer.alloc(1024 * 1024)

/** How many MiB come through before the limit is met; undefined when all `count` do. */
async function passed(count: number, input: Counter, limits: Limits): Promise<number | undefined> {
  async function* source() {
    for (let i = 0; i < count; i++) yield mebibyte
  }
  let seen = 0
  try {
    for await (const chunk of limited(source(), input, limits, 'bomb.gz')) seen += chunk.length
  } catch (error) {
    expect(error).toMatchObject({ code: 'limit', message: expect.stringContaining('bomb.gz: unpacks to more than') })
    return seen / mebibyte.length
  }
  expect(seen).toBe(count * mebibyte.length)
  return undefined
}

test('the absolute limit', async () => {
  const plenty = { bytes: 2 ** 40 }
  expect(await passed(10, plenty, { maxBytes: 10 * mebibyte.length })).toBeUndefined()
  expect(await passed(11, plenty, { maxBytes: 10 * mebibyte.length })).toBe(10)
  expect(await passed(2000, plenty, { maxBytes: 0 })).toBeUndefined()
})

test('the ratio counts once more than 1 GiB has come out', async () => {
  expect(await passed(1024, { bytes: 1 }, {})).toBeUndefined()
  expect(await passed(1025, { bytes: 1 }, {})).toBe(1024)
  expect(await passed(1025, { bytes: 1024 * 1024 }, {})).toBeUndefined()
  expect(await passed(1101, { bytes: 1024 * 1024 }, {})).toBe(1100)
  expect(await passed(1200, { bytes: 1024 * 1024 }, { maxRatio: 1150 })).toBe(1150)
  expect(await passed(1200, { bytes: 1 }, { maxRatio: 0 })).toBeUndefined()
})

test('hints name the option', async () => {
  async function* source() {
    yield mebibyte
  }
  const reading = (async () => {
    for await (const _ of limited(source(), { bytes: 1 }, { maxBytes: 1 }, 'x'));
  })()
  await expect(reading).rejects.toMatchObject({ hint: expect.stringContaining('--max-size') })
})
