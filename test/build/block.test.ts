import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot, startIngot } from '../support/ingot.ts'
import { giveTo, makeOrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'

// File systems on devices as bases: read through the kernel, and not one byte of them is another afterwards.

const makers = {
  ext4: { program: 'mkfs.ext4', words: ['-q'], size: '32M' },
  xfs: { program: 'mkfs.xfs', words: ['-q'], size: '320M' },
  btrfs: { program: 'mkfs.btrfs', words: ['-q'], size: '128M' },
}
type Type = keyof typeof makers

const why = sandboxMissing ?? missingTools()
const user = why ?? makeOrdinaryUser()
function missingTools(): string | undefined {
  const missing = [...Object.values(makers).map(({ program }) => program), 'losetup'].filter(
    (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`]).status !== 0,
  )
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' })
const mounts: string[] = []
afterEach(() => {
  for (const path of mounts.splice(0)) spawnSync('umount', [path])
})

let folder: string
beforeAll(() => {
  folder = ownFolder('block')
})

/** A new file system with a small tree, mounted; returns its file. */
function make(type: Type, name: string): { file: string; mounted: string } {
  const { program, words, size } = makers[type]
  const [file, mounted] = [join(folder, name), join(folder, `${name}.mounted`)]
  run('truncate', '-s', size, file)
  run(program, ...words, file)
  mkdirSync(mounted)
  run('mount', '-o', 'loop', file, mounted)
  mounts.push(mounted)
  makeTinyRoot(mounted)
  writeFileSync(join(mounted, 'etc/of'), type)
  run('sync', '-f', mounted)
  return { file, mounted }
}

function sum(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function recipe(name: string, device: string): string[] {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, `name: ${name}\nfrom: block:${device}\nclean: none\nsteps:\n  - run: cat /etc/of > /later\n`)
  return recipeArgs(name, path)
}

function recipeArgs(name: string, path: string): string[] {
  return ['build', path, '--home', join(folder, `home-${name}`)]
}

const loopsOf = (file: string) => run('losetup', '--associated', file).trim()

describe.skipIf(why)(`block: bases${why ? ` (skipped: ${why})` : ''}`, () => {
  test.for(Object.keys(makers) as Type[])('%s: it is read, and stays what it is', async (type) => {
    const { file, mounted } = make(type, type)
    run('umount', mounted)
    const before = sum(file)
    const out = join(folder, `out-${type}`)
    const args = [...recipe(type, type), '-o', out, '--to', 'dir']
    const { status, stderr } = await ingot(args)
    expect(status, stderr).toBe(0)
    expect(readFileSync(join(out, `${type}.root/later`), 'utf8')).toBe(type)
    expect(spawnSync('test', ['-e', join(out, `${type}.root/lost+found`)]).status).not.toBe(0)
    expect(sum(file)).toBe(before)
    expect(loopsOf(file)).toBe('')
    expect((await ingot([...args, '--force'])).stderr).toContain('(done before)')
  })

  test.for(Object.keys(makers) as Type[])('%s with a journal that waits: not even that is written', async (type) => {
    const { file, mounted } = make(type, `dirty-${type}`)
    writeFileSync(join(mounted, 'etc/newest'), 'x'.repeat(10_000))
    execFileSync('sync', [join(mounted, 'etc/newest')])
    const crashed = join(folder, `crashed-${type}`)
    run('cp', '--sparse=always', file, crashed) // as a machine that stops leaves it
    run('umount', mounted)
    const before = sum(crashed)
    const [, path] = recipe(`dirty-${type}`, crashed)
    writeFileSync(path!, `name: dirty\nfrom: block:${crashed}\n`) // xfs may have all of the tree in its journal
    const { status, stderr } = await ingot(recipeArgs(`dirty-${type}`, path!))
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('may be missing or torn')
    expect(sum(crashed)).toBe(before)
  })

  test('a device is read; one that is in use is told', async () => {
    const { file, mounted } = make('ext4', 'device')
    const device = loopsOf(file).split(':')[0]!
    const busy = await ingot(recipe('busy', device))
    expect(busy.status).toBe(8)
    expect(busy.stderr).toMatch(/is in use.*\nhint: .*snapshot/)
    run('umount', mounted)
    const own = run('losetup', '--find', '--show', file).trim()
    try {
      const before = sum(file)
      const { status, stderr } = await ingot(recipe('device', own))
      expect(status, stderr).toBe(0)
      expect(sum(file)).toBe(before)
    } finally {
      run('losetup', '--detach', own)
    }
  })

  test('a killed build leaves neither a mount nor a loop device', async () => {
    const { file, mounted } = make('xfs', 'killed')
    run('dd', 'if=/dev/urandom', `of=${join(mounted, 'large')}`, 'bs=1M', 'count=100', 'status=none')
    run('umount', mounted)
    const { child, ended } = startIngot(recipe('killed', file))
    while (loopsOf(file) === '') await sleep(20)
    child.kill('SIGKILL')
    await ended
    for (let left = 100; loopsOf(file) !== '' && left > 0; left--) await sleep(50)
    expect(loopsOf(file)).toBe('')
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(join(folder, 'home-killed'))
    const { status, stderr } = await ingot(recipe('killed', file))
    expect(status, stderr).toBe(0)
  })

  test('what is no file system, and what is not there', async () => {
    writeFileSync(join(folder, 'zeros'), Buffer.alloc(1 << 20))
    const nothing = await ingot(recipe('nothing', 'zeros'))
    expect(nothing.stderr).toMatch(/from \(block zeros\).*there is no file system in it/)
    expect((await ingot(recipe('absent', '/dev/nowhere/lv'))).stderr).toContain('there is no /dev/nowhere/lv')
  })

  test('an ordinary user is told who can', async (context) => {
    if (typeof user === 'string') return context.skip(user)
    chmodSync(folder, 0o755)
    const args = recipe('user', 'ext4')
    giveTo(user, args[1]!)
    const home = args[3]!
    mkdirSync(home)
    giveTo(user, home)
    const { status, stderr } = await ingot(args, { as: user })
    expect(status).toBe(8)
    expect(stderr).toContain('only root can mount a device')
  })
})
