import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

describe.skipIf(sandboxMissing)('tests of a recipe, through the command line', () => {
  const folder = ownFolder('recipe-tests')
  const home = join(folder, 'home')
  mkdirSync(join(folder, 'tiny'))
  makeTinyRoot(join(folder, 'tiny'))
  const args = [
    'build',
    folder,
    '--home',
    home,
    '--to',
    'rootfs',
    '-o',
    join(folder, 'out'),
    '--junit',
    join(folder, 'junit.xml'),
  ]

  function recipe(status: number): void {
    const tests = `tests:\n  - run: "true"\n  - run: exit ${status}\n`
    writeFileSync(join(folder, 'ingot.yaml'), `name: tested\nfrom: dir:tiny\n${tests}`)
  }

  test('a failing one publishes nothing, and a passing one does', async () => {
    recipe(4)
    const failing = await ingot(args)
    expect(failing.status).toBe(10)
    expect(failing.stderr).toContain('1 of 2 tests failed')
    expect(readdirSync(folder)).not.toContain('out')
    const listed = await ingot(['image', 'list', '--home', home, '--format', 'json'])
    expect(JSON.parse(listed.stdout.toString())).toEqual([])
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('tests="2" failures="1"')

    recipe(0)
    const passing = await ingot(args)
    expect(passing.status, passing.stderr).toBe(0)
    expect(readdirSync(join(folder, 'out'))).toHaveLength(1)
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('tests="2" failures="0"')
  })
})
