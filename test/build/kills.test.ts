import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot, startIngot } from '../support/ingot.ts'
import { giveTo, makeOrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'

const kills = process.env.INGOT_SOAK ? 500 : 50

const user = makeOrdinaryUser()

describe.skipIf(sandboxMissing)('builds that are killed', () => {
  const left = `${kills} kills at any moment: no mount, no process, no half layer is left, and the next build goes on`
  test.for(['root', 'an ordinary user'])(`as %s, ${left}`, async (who, context) => {
    if (who !== 'root' && typeof user === 'string') return context.skip(user)
    const as = who === 'root' || typeof user === 'string' ? undefined : user
    const folder = ownFolder('build-kills')
    const home = join(folder, 'home')
    mkdirSync(join(folder, 'tiny'))
    makeTinyRoot(join(folder, 'tiny'))
    if (as) giveTo(as, folder)
    // Words that no other process has in its command line. What a kill leaves of the long one stays long enough to be seen.
    const [short, long] = [`0.0${process.pid}7`, `70.${process.pid}7`]
    const recipe = (round: number) => {
      const times = [short, round % 2 === 1 ? long : short]
      const steps = ['one', 'two'].map((name, n) => `  - run: "sleep ${times[n]}; echo ${name} ${round} > /${name}"\n`)
      return `name: killed\nfrom: dir:tiny\nclean: none\nsteps:\n${steps.join('')}`
    }
    const args = ['build', join(folder, 'ingot.yaml'), '--home', home]
    const build = async (round: number) => {
      writeFileSync(join(folder, 'ingot.yaml'), recipe(round))
      return await ingot(args, { as })
    }
    expect((await build(-1)).status).toBe(0)
    const started = performance.now()
    expect((await build(-2)).status).toBe(0) // the base is there now
    const usual = performance.now() - started
    let round = 0
    for (let killed = 0; killed < kills; round++) {
      // Twice the same: the second one goes on where the first was killed.
      writeFileSync(join(folder, 'ingot.yaml'), recipe(Math.floor(round / 2)))
      const { child, ended } = startIngot(args, { as })
      await sleep(Math.random() * usual * 0.9)
      child.kill('SIGKILL')
      if ((await ended).signal === 'SIGKILL') killed++
      await expect.poll(() => processesWith(long), { timeout: 5000 }).toEqual([])
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder)
    }
    await expect.poll(() => processesWith(short), { timeout: 5000 }).toEqual([])
    // What was kept by killed builds is what a build from nothing makes.
    await build(Math.floor((round - 1) / 2) & ~1) // a short one
    const last = await ingot([...args, '--no-cache-from', '2'], { as })
    expect(last.status, last.stderr).toBe(0)
    const fresh = await ingot([...args.slice(0, 3), join(folder, 'other')], { as })
    expect(fresh.status, fresh.stderr).toBe(0)
    expect(last.stderr.match(/store: killed (\w+)/)?.[1]).toBe(fresh.stderr.match(/store: killed (\w+)/)?.[1])
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
    expect((await ingot(['store', 'check', '--home', home], { as })).status).toBe(0)
    const layers = join(home, 'cache/layers')
    expect((await ingot(['build', 'prune', '--home', home], { as })).status).toBe(0)
    const names = readdirSync(layers)
    const folders = names.filter((name) => name.endsWith('.json')).map((name) => folderOf(join(layers, name)))
    expect(names.filter((name) => !name.endsWith('.json')).sort()).toEqual(folders.sort())
  })
})

function processesWith(word: string): readonly string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
  return lines.split('\n').filter((line) => line.includes(`sleep ${word}`))
}

function folderOf(record: string): string {
  return (JSON.parse(readFileSync(record, 'utf8')) as { folder: string }).folder
}
