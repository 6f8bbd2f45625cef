import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { listImages } from '../../src/store/catalog/list.ts'
import { checkStore } from '../../src/store/check.ts'
import { importImage } from '../../src/store/import.ts'
import { verifyImages } from '../../src/store/verify.ts'
import { ownFolder, withStore } from '../support/store.ts'

const folder = ownFolder('move-kills')
const memory = mkdtempSync('/dev/shm/ingot-move-')
afterAll(() => rmSync(memory, { recursive: true }))

test('a store whose move is killed is whole, where it was or where it goes, and what is left can be removed', async () => {
  const prepared = join(folder, 'prepared')
  mkdirSync(join(folder, 'tree'))
  writeFileSync(join(folder, 'tree', 'random'), randomBytes(16 << 20))
  execFileSync('tar', ['-C', join(folder, 'tree'), '-cf', join(folder, 'image.tar'), '.'])
  await withStore(prepared, async (store) => {
    await importImage(store, `rootfs:${join(folder, 'image.tar')}`, { aliases: ['moving'], architecture: 'x86_64' })
  })
  const mover = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/store.ts'))}
    import { moveStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/move.ts'))}
    const store = await openStore(process.argv[1])
    await store.exclusively(async () => {}) // loads what that takes
    process.stdout.write('moving')
    await moveStore(store, process.argv[2])`
  let [killed, moved, left] = [0, 0, 0]
  for (let i = 0; i < (process.env.INGOT_SOAK ? 400 : 40); i++) {
    const parent = join(folder, `round-${i}`)
    const home = join(parent, 'home')
    cpSync(prepared, home, { recursive: true })
    const to = join(i % 2 ? memory : parent, `to-${i}`)
    const child = spawn(process.execPath, ['--input-type=module', '-e', mover, home, to], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close')
    await once(child.stdout, 'data')
    await sleep(Math.random() * 300)
    child.kill('SIGKILL')
    const [status] = await closed
    if (status === 0) moved++
    else killed++
    await withStore(home, async (store) => {
      for await (const { problems } of verifyImages(store)) expect(problems).toEqual([])
      expect(listImages(store.database)).toMatchObject([{ aliases: [{ name: 'moving' }] }])
      const findings = await checkStore(store, true)
      for (const { kind } of findings) expect(kind).toBe('leftover')
      if (findings.length > 0) left++
      expect(await checkStore(store, false)).toEqual([])
    })
    expect(readdirSync(parent).filter((name) => name.startsWith('.'))).toEqual([])
    rmSync(parent, { recursive: true })
    rmSync(to, { recursive: true, force: true })
  }
  process.stdout.write(`${killed} killed, ${moved} moved, ${left} with something left\n`)
  expect(killed).toBeGreaterThan(5)
}, 300_000)
