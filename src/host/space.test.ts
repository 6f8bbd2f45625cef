import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { freeBytes } from './space.ts'

test('agrees with df', async () => {
  const [, said] = execFileSync('df', ['--output=avail', '-B1', '/usr'], { encoding: 'utf8' }).split('\n')
  const free = await freeBytes('/usr')
  expect(Math.abs(free - Number(said))).toBeLessThan(1024 ** 3) // others write meanwhile
  await expect(freeBytes('/no/such/folder')).rejects.toMatchObject({ code: 'not-found' })
})
