import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { syncFolder, writeDurably } from './durable.ts'
import { temporaryFolder } from './temporary.ts'

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder({ prefix: 'durable-' })
  await work(folder.path)
  await folder.remove()
}

test('what is put is there, in order, also beyond what is flushed at once', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'file')
    const result = await writeDurably(path, 0o600, 'the file', async (put) => {
      for (let i = 0; i < 80; i++) await put(Buffer.alloc(1 << 20, i))
      return 'done'
    })
    expect(result).toBe('done')
    const written = readFileSync(path)
    expect(written.length).toBe(80 << 20)
    expect(Array.from({ length: 80 }, (_, i) => written[(i << 20) + 5])).toEqual(
      Array.from({ length: 80 }, (_, i) => i),
    )
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await syncFolder(folder)
  })
})

test('nothing is replaced, and errors name the file as it is told', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'file')
    await writeDurably(path, 0o600, 'the file', (put) => put(Buffer.from('first')))
    const again = writeDurably(path, 0o600, 'the file', (put) => put(Buffer.from('second')))
    await expect(again).rejects.toThrow('write the file')
    expect(readFileSync(path, 'utf8')).toBe('first')
    const failing = writeDurably(join(folder, 'other'), 0o600, 'it', async (put) => {
      await put(Buffer.alloc(40 << 20))
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    expect(existsSync(join(folder, 'other'))).toBe(true)
  })
})
