import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from './test-root.ts'
import { openBuildFolder } from './work-folder.ts'

const folder = testFolder()

function parent(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

test('a work folder has an empty root that anybody may enter, and goes when told', async () => {
  const here = parent('simple')
  const before = process.umask(0o077)
  const work = await openBuildFolder(here)
  process.umask(before)
  expect(readdirSync(work.root)).toEqual([])
  expect(statSync(work.root).mode & 0o7777).toBe(0o755)
  await work.remove()
  await work.remove()
  expect(readdirSync(here)).toEqual([])
})

test('the folder of a living build stays, that of a killed one goes', async () => {
  const here = parent('killed')
  const other = spawn(process.execPath, ['-e', program(here)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(other.stdout, 'data')) as [Buffer]
  const theirs = line.toString().trim()
  expect(existsSync(theirs)).toBe(true)

  const first = await openBuildFolder(here)
  expect(existsSync(theirs)).toBe(true)

  other.kill('SIGKILL')
  await once(other, 'exit')
  const second = await openBuildFolder(here)
  expect(existsSync(theirs)).toBe(false)
  expect(existsSync(first.root)).toBe(true)
  await first.remove()
  await second.remove()
  expect(readdirSync(here)).toEqual([])
})

test('files that are no work folders are left alone', async () => {
  const here = parent('foreign')
  writeFileSync(join(here, 'notes'), '')
  await (await openBuildFolder(here)).remove()
  expect(readdirSync(here)).toEqual(['notes'])
})

function program(here: string): string {
  const module = new URL('./work-folder.ts', import.meta.url)
  return `import(${JSON.stringify(module.href)}).then(async ({ openBuildFolder }) => {
    console.log((await openBuildFolder(${JSON.stringify(here)})).path)
    setInterval(() => {}, 1000)
  })`
}
