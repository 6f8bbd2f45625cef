import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRecipe } from '../recipe/load.ts'
import { buildRecipe } from './build.ts'
import type { BuildEvent } from './events.ts'
import { makeTinyRoot, sandboxMissing, testFolder } from './test-root.ts'

const folder = testFolder()
const home = join(folder, 'home')

interface Outcome {
  readonly tests: readonly (readonly [title: string, failure: string | undefined])[]
  readonly error: unknown
}

async function testing(tests: string): Promise<Outcome> {
  if (!existsSync(join(folder, 'tiny'))) {
    mkdirSync(join(folder, 'tiny'))
    makeTinyRoot(join(folder, 'tiny'))
    mkdirSync(join(folder, 'tiny/var/log'))
    writeFileSync(join(folder, 'tiny/var/log/noise'), 'noise')
    writeFileSync(join(folder, 'tiny/etc/machine-id'), '0123456789abcdef\n')
  }
  const steps =
    'steps:\n  - write: { path: /srv/note, content: "one\\ntwo\\n", mode: "0640", owner: lab:video }\n  - symlink: { path: /srv/link, target: note }\n'
  const recipe = parseRecipe(`name: a\nfrom: dir:tiny\n${steps}tests:\n${tests}`, join(folder, 'ingot.yaml'))
  const events: BuildEvent[] = []
  let error: unknown
  try {
    const image = await buildRecipe(recipe, { home, onEvent: (event) => events.push(event) })
    await image.dispose()
  } catch (thrown) {
    error = thrown
  }
  expect(readdirSync(join(home, 'tmp'))).toEqual([])
  return {
    tests: events.flatMap((event) => (event.type === 'test' ? [[event.title, event.failure] as const] : [])),
    error,
  }
}

describe.skipIf(sandboxMissing)(`tests of a recipe${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  test('scripts and files of the finished image: what is cleaned away is gone, and no test sees what another did', async () => {
    const { tests, error } = await testing(`
  - run: test ! -e /var/log/noise && test ! -s /etc/machine-id
  - run: { script: "echo one; echo two >&2; exit 3", expect-exit: 3, matches: "^two$" }
  - run: { script: cat /srv/note, expect: "one\\ntwo", user: lab }
  - run: touch /made
  - file: { path: /made, exists: false }
  - file: { path: /srv/note, type: file, mode: "0640", owner: lab:video, contains: "two", matches: "^one$" }
  - file: { path: /srv/link, type: symlink }
  - file: { path: /srv/link, contains: one }
  - file: { path: /var/log, type: directory, mode: "0755", owner: root:root }
`)
    expect(error).toBeUndefined()
    expect(tests.map(([, failure]) => failure)).toEqual(Array(9).fill(undefined))
    expect(tests[3]).toEqual(['run touch /made', undefined])
  })

  test('all that fail are named with their place, and what was found', async () => {
    const { tests, error } = await testing(`
  - run: "echo reason; exit 2"
  - run: { script: echo a, expect: b }
  - run: { script: echo a, matches: "^b" }
  - file: { path: /srv/none }
  - file: { path: /srv/note, mode: "0644" }
  - file: { path: /srv/note, owner: root }
  - file: { path: /srv/note, contains: three }
  - file: { path: /srv/note, matches: "^tw$" }
  - file: { path: /srv, type: file }
  - file: { path: /srv/note, exists: false }
  - file: { path: /srv/note }
`)
    expect(tests.map(([, failure]) => failure)).toEqual([
      'its exit status is 2, not 0; it printed:\n  reason',
      'it did not print "b"; it printed:\n  a',
      'nothing matches /^b/; it printed:\n  a',
      'it is not there',
      'its mode is 0640, not 0644',
      'its owner is 1000:44, not root (0:0)',
      'it does not contain "three"',
      'nothing in it matches /^tw$/',
      'it is a directory, not a file',
      'it is there',
      undefined,
    ])
    expect(error).toMatchObject({
      code: 'command-failed',
      message: expect.stringMatching(
        /^10 of 11 tests failed:\n.*ingot\.yaml:8: run echo reason; exit 2: its exit status is 2/,
      ),
    })
  })
})
