import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withFolderLock } from './lock.ts'

test('one holder at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-lock-'))
  let inside = 0
  let most = 0
  const work = async () => {
    inside++
    most = Math.max(most, inside)
    await sleep(5)
    inside--
  }
  await Promise.all(Array.from({ length: 5 }, () => withFolderLock(folder, work)))
  expect(most).toBe(1)
  await rm(folder, { recursive: true })
})

test('the lock of a process that is killed is free again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-lock-'))
  const lock = join(import.meta.dirname, 'lock.ts')
  const script = `
    import { withFolderLock } from ${JSON.stringify(lock)}
    await withFolderLock(${JSON.stringify(folder)}, () => new Promise((done) => {
      console.log('locked')
      setTimeout(done, 60_000)
    }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  await once(child.stdout, 'data')
  let got = false
  const waiting = withFolderLock(folder, async () => {
    got = true
  })
  await sleep(100)
  expect(got).toBe(false)
  child.kill('SIGKILL')
  await waiting
  expect(got).toBe(true)
  await rm(folder, { recursive: true })
})

test('a folder that is not there is not-found', async () => {
  await expect(withFolderLock('/nowhere/at/all', async () => {})).rejects.toMatchObject({ code: 'not-found' })
})
