import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../test-root.ts'
import { findCached, storeCached } from './cache.ts'

const folder = testFolder()
let count = 0

async function stored(): Promise<{ cache: string; key: string }> {
  const cache = join(folder, `cache-${++count}`)
  mkdirSync(cache)
  const tar = join(folder, 'root.tar')
  writeFileSync(tar, 'the base')
  await storeCached(cache, 'key', { tar, epoch: 99 })
  expect(existsSync(tar)).toBe(false)
  return { cache, key: 'key' }
}

test('what was stored is found, under its key only', async () => {
  const { cache, key } = await stored()
  expect(await findCached(cache, key)).toEqual({ tar: join(cache, 'key.tar'), epoch: 99 })
  expect(await findCached(cache, 'other')).toBeUndefined()
  expect(readdirSync(cache).sort()).toEqual(['key.json', 'key.tar'])
})

test('a base that is not whole is not found', async () => {
  const short = await stored()
  truncateSync(join(short.cache, 'key.tar'), 3)
  expect(await findCached(short.cache, short.key)).toBeUndefined()

  const alone = await stored()
  rmSync(join(alone.cache, 'key.json'))
  expect(await findCached(alone.cache, alone.key)).toBeUndefined()

  const garbled = await stored()
  writeFileSync(join(garbled.cache, 'key.json'), '{"epoch":')
  expect(await findCached(garbled.cache, garbled.key)).toBeUndefined()
  writeFileSync(join(garbled.cache, 'key.json'), '{"epoch":"soon"}')
  expect(await findCached(garbled.cache, garbled.key)).toBeUndefined()
})
