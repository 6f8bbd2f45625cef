import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { collect } from '../image/stream.ts'
import { flatten } from '../layers/flatten.ts'
import { parseRecipe } from '../recipe/load.ts'
import { type BuildOptions, type BuiltImage, buildRecipe } from './build.ts'
import { pruneLayers } from './cache/prune.ts'
import type { BuildEvent } from './events.ts'
import { openHome } from './home.ts'
import { makeTinyRoot, sandboxMissing, testFolder } from './test-root.ts'

const folder = testFolder()
const images: BuiltImage[] = []
let homes = 0

/** A home, and beside the recipes a small Linux in `tiny`. */
function newHome(): string {
  if (homes === 0) {
    mkdirSync(join(folder, 'tiny'))
    makeTinyRoot(join(folder, 'tiny'))
  }
  return join(folder, `home-${++homes}`)
}

function recordsOf(home: string): readonly string[] {
  const layers = join(home, 'cache/layers')
  return readdirSync(layers)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(layers, name))
}

interface Built {
  readonly image: BuiltImage
  readonly events: readonly BuildEvent[]
  /** What was done, and what was done before. */
  readonly did: readonly string[]
  readonly cached: readonly string[]
}

async function build(home: string, steps: string, more: Partial<BuildOptions> = {}): Promise<Built> {
  const events: BuildEvent[] = []
  const recipe = parseRecipe(`name: a\nfrom: dir:tiny\nclean: none\nsteps:\n${steps}`, join(folder, 'ingot.yaml'))
  const image = await buildRecipe(recipe, { home, onEvent: (event) => events.push(event), ...more })
  images.push(image)
  const titles = (type: 'start' | 'cached') => events.flatMap((event) => (event.type === type ? [event.title] : []))
  return { image, events, did: titles('start'), cached: titles('cached') }
}

async function contents(image: BuiltImage): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for await (const entry of flatten(image.layers).entries()) {
    found[entry.path] = entry.type === 'file' ? (await collect(entry.body)).toString() : entry.type
  }
  return found
}

afterEach(async () => {
  for (const image of images.splice(0)) await image.dispose()
})

describe.skipIf(sandboxMissing)(`layers of a build${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  const steps = `
  - run: echo one > /srv-one
  - env: { WORD: two }
  - run: echo $WORD > /srv-two
  - run: unlink /srv-one
`

  test('what was done before is not done again, and the image is the same', async () => {
    const home = newHome()
    const first = await build(home, steps)
    expect(first.cached).toEqual([])
    const second = await build(home, steps)
    expect(second.did).toEqual([])
    expect(second.cached).toEqual(first.did)
    const tree = await contents(second.image)
    expect(tree).toEqual(await contents(first.image))
    expect(tree).toMatchObject({ 'srv-two': 'two\n' })
    expect(tree).not.toHaveProperty('srv-one')
  })

  test('a changed step is done, and those after it', async () => {
    const home = newHome()
    await build(home, steps)
    const changed = await build(home, steps.replace('WORD: two', 'WORD: three'))
    expect(changed.cached).toEqual(['dir tiny', 'run: echo one > /srv-one'])
    expect(await contents(changed.image)).toMatchObject({ 'srv-two': 'three\n' })
    const back = await build(home, steps)
    expect(back.did).toEqual([])
  })

  test('what a copy brings counts by its content, not by its time', async () => {
    const home = newHome()
    const source = join(folder, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), 'x')
    const copy = '  - copy: { from: source, to: /srv }\n  - run: echo done > /done\n'
    await build(home, copy)
    utimesSync(join(source, 'file'), 5, 5)
    expect((await build(home, copy)).did).toEqual([])
    writeFileSync(join(source, 'file'), 'y')
    const changed = await build(home, copy)
    expect(changed.did).toEqual(['copy: source to /srv', 'run: echo done > /done'])
    expect(await contents(changed.image)).toMatchObject({ 'srv/file': 'y' })
    chmodSync(join(source, 'file'), 0o755)
    expect((await build(home, copy)).did).toHaveLength(2)
    rmSync(source, { recursive: true })
    await expect(build(home, copy)).rejects.toMatchObject({
      code: 'not-found',
      message: `${folder}/ingot.yaml:5: step 1 (copy: source to /srv): there is no source beside the recipe`,
    })
  })

  test('a base that changes is taken anew', async () => {
    const home = newHome()
    await build(home, '  []')
    expect((await build(home, '  []')).did).toEqual([])
    writeFileSync(join(folder, 'tiny/etc/new'), 'new')
    const changed = await build(home, '  []')
    expect(changed.did).toEqual(['dir tiny'])
    expect(await contents(changed.image)).toMatchObject({ 'etc/new': 'new' })
  })

  test('anew from a step on, on request', async () => {
    const home = newHome()
    const random =
      '  - run: cat /proc/sys/kernel/random/uuid > /one\n  - run: cat /proc/sys/kernel/random/uuid > /two\n'
    const first = await contents((await build(home, random)).image)
    const second = await contents((await build(home, random, { anewFrom: 2 })).image)
    expect(second.one).toBe(first.one)
    expect(second.two).not.toBe(first.two)
    expect(await contents((await build(home, random)).image)).toEqual(second)
    const third = await build(home, random, { anewFrom: 0 })
    expect(third.cached).toEqual([])
    expect((await contents(third.image)).one).not.toBe(first.one)
  })

  test('steps before a failing one need not be done again', async () => {
    const home = newHome()
    await expect(build(home, '  - run: echo one > /one\n  - run: exit 1\n')).rejects.toMatchObject({
      code: 'command-failed',
    })
    expect((await build(home, '  - run: echo one > /one\n  - run: exit 0\n')).cached).toEqual([
      'dir tiny',
      'run: echo one > /one',
    ])
    expect(readdirSync(join(home, 'tmp'))).toHaveLength(1) // of the image that is still in use
  })

  test('two builds of the same at once do the work once', async () => {
    const home = newHome()
    const slow = '  - run: "sleep 0.4; cat /proc/sys/kernel/random/uuid > /one"\n'
    const both = await Promise.all([build(home, slow), build(home, slow)])
    const [one, two] = await Promise.all(both.map(({ image }) => contents(image)))
    expect(one).toEqual(two)
    const notes = both.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'note' ? [event.message] : [])),
    )
    expect(notes).toContain('waiting for another build that does the same')
  })

  test('nothing that programs are lent gets into the image, nor into a layer', async () => {
    const home = newHome()
    const before = readdirSync(join(folder, 'tiny'), { recursive: true }).sort()
    const { image } = await build(home, '  - run: "cat /etc/resolv.conf /usr/sbin/policy-rc.d"\n')
    expect(Object.keys(await contents(image)).sort()).toEqual(['', ...before])
    const empty = recordsOf(home).filter((path) => readFileSync(path, 'utf8').includes('"empty":true'))
    expect(empty).toHaveLength(1)
  })

  test('a layer of the image for each step that changed something, and the same tree in fewer', async () => {
    const home = newHome()
    const more = `
  - write: { path: /folder/a, content: a }
  - write: { path: /folder/b, content: b }
  - run: "true"
  - remove: [/folder]
  - write: { path: /folder/c, content: c }
  - run: "unlink /etc/group; mkdir -p /var/log; echo noise > /var/log/x; cat /folder/c > /etc/group"
`
    const recipe = (layers: string) =>
      parseRecipe(`name: a\nfrom: dir:tiny\nlayers: ${layers}\nsteps:${more}`, join(folder, 'ingot.yaml'))
    const trees: Readonly<Record<string, string>>[] = []
    const counts: number[] = []
    for (const layers of ['steps', 'squash', '3', '100']) {
      const image = await buildRecipe(recipe(layers), { home, onEvent: () => {} })
      images.push(image)
      trees.push(await contents(image))
      counts.push(image.layers.length)
      for (const layer of image.layers) {
        for await (const { path } of layer.entries()) expect(path).not.toMatch(/^var\/log\/./)
      }
      if (layers === 'steps') {
        expect(image.layers.map(({ name }) => name)).toEqual([
          'dir tiny',
          'write: /folder/a',
          'write: /folder/b',
          'remove: /folder',
          'write: /folder/c',
          expect.stringMatching(/^run: /),
        ])
        expect((await image.metadata()).history.map(({ created_by }) => created_by)).toHaveLength(6)
      }
    }
    expect(counts).toEqual([6, 1, 3, 6])
    expect(trees[0]).toMatchObject({ 'folder/c': 'c', 'etc/group': 'c', 'var/log': 'directory' })
    expect(Object.keys(trees[0]!)).not.toContain('folder/a')
    for (const tree of trees.slice(1)) expect(tree).toEqual(trees[0])
  })

  test('a layer that is made anew leaves that of before to those who use it, until all is pruned that nobody uses', async () => {
    const home = newHome()
    const random = '  - run: cat /proc/sys/kernel/random/uuid > /one\n'
    const first = await build(home, random)
    const second = await build(home, random, { anewFrom: 1 })
    const [one, two] = [await contents(first.image), await contents(second.image)]
    expect(one.one).not.toBe(two.one)
    const folders = () => readdirSync(join(home, 'cache/layers')).filter((name) => !name.endsWith('.json')).length
    expect(folders()).toBe(3)
    const pruned = pruneLayers(openHome(home), { unusedFor: 1000, keep: Infinity, dryRun: false })
    const early = await Promise.race([pruned.then(() => 'pruned'), sleep(200).then(() => 'waits')])
    expect(early).toBe('waits')
    await first.image.dispose()
    await second.image.dispose()
    expect(await pruned).toEqual([])
    expect(folders()).toBe(2)
    expect((await build(home, random)).did).toEqual([])
  })

  test('what cannot be brought to the disk for good is told, and the image is whole all the same', async () => {
    const home = newHome()
    const programs = join(folder, 'programs')
    mkdirSync(programs)
    writeFileSync(join(programs, 'sync'), '#!/bin/sh\necho the disk is gone >&2; exit 1\n', { mode: 0o755 })
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`)
    try {
      const { image, events } = await build(home, steps)
      expect(await contents(image)).toMatchObject({ 'srv-two': 'two\n' })
      await image.dispose()
      const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
      expect(warnings).toEqual([expect.stringContaining('the disk is gone')])
    } finally {
      vi.unstubAllEnvs()
    }
    for (const path of recordsOf(home)) expect(readFileSync(path, 'utf8')).toContain('"unsettled":')
  })

  test('a layer that is damaged is made again, and one that a power cut may have taken', async () => {
    const home = newHome()
    const records = () => recordsOf(home)
    const first = await build(home, steps)
    for (const path of records()) expect(readFileSync(path, 'utf8')).toContain('"unsettled":')
    await first.image.dispose()
    for (const path of records()) expect(readFileSync(path, 'utf8')).not.toContain('unsettled')
    expect((await build(home, steps)).did).toEqual([])
    for (const path of records()) writeFileSync(path, '{')
    const second = await build(home, steps)
    expect(second.cached).toEqual([])
    await second.image.dispose()
    for (const path of records()) {
      const record = JSON.parse(readFileSync(path, 'utf8')) as object
      writeFileSync(path, JSON.stringify({ ...record, unsettled: 'another-start word' }))
    }
    expect((await build(home, steps)).cached).toEqual([])
  })

  test('more steps than an overlay names by their paths', async () => {
    const home = newHome()
    const many = Array.from({ length: 60 }, (_, n) => `  - write: { path: /f${n}, content: "${n}" }\n`).join('')
    const tree = await contents((await build(home, many)).image)
    for (let n = 0; n < 60; n++) expect(tree[`f${n}`]).toBe(String(n))
  })
})
