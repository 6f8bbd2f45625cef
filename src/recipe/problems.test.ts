import { expect, test } from 'vitest'
import { IngotError } from '../image/error.ts'
import { parseRecipe } from './load.ts'

/** What parseRecipe complains of, line by line. */
function problems(text: string): readonly string[] {
  try {
    parseRecipe(text, 'r.yaml')
  } catch (error) {
    if (error instanceof IngotError && error.code === 'usage') return error.message.split('\n')
    throw error
  }
  return []
}

test('names of operations and presets of cleaning are checked', () => {
  const recipe = parseRecipe('name: a\nfrom: scratch\nclean: { off: [var-log] }', 'r.yaml')
  expect(recipe.clean).toEqual({ preset: 'standard', on: [], off: ['var-log'] })
  expect(problems('name: a\nfrom: scratch\nclean: spotless')[0]).toMatch(/^r\.yaml:3:8: clean: .*spotless/)
  expect(problems('name: a\nfrom: scratch\nclean:\n  on: [var-lgo]')[0]).toMatch(
    /^r\.yaml:4:3: clean: .*did you mean "var-log"/,
  )
})

const head = 'name: a\nfrom: scratch\n'

test.each([
  ['an empty file', '', ['r.yaml:1:1: expected a map, found nothing']],
  ['a list', '- a\n', ['r.yaml:1:1: expected a map, found a list']],
  [
    'missing keys',
    'description: x\n',
    [
      'r.yaml:1:1: name: this key is missing: expected text',
      'r.yaml:1:1: from: this key is missing: expected text or a map',
    ],
  ],
  ['an unknown key', `${head}stpes: []\n`, ['r.yaml:3:1: stpes: unknown key "stpes" (did you mean "steps"?)']],
  [
    'an unknown kind of step',
    `${head}steps:\n  - write: { path: /a, content: b }\n  - pakages: [sudo]\n`,
    ['r.yaml:5:5: steps[1].pakages: unknown key "pakages" (did you mean "packages"?)'],
  ],
  [
    'a step with two keys',
    `${head}steps:\n  - run: a\n    write: { path: /a, content: b }\n`,
    [
      'r.yaml:4:5: steps[0]: a step has exactly one key, one of packages, run, copy, write, symlink, remove, user, group, capabilities, augeas, enable, mask, hostname, timezone, env; found run and write',
    ],
  ],
  [
    'a step without a key',
    `${head}steps:\n  - {}\n`,
    [
      'r.yaml:4:5: steps[0]: a step has exactly one key, one of packages, run, copy, write, symlink, remove, user, group, capabilities, augeas, enable, mask, hostname, timezone, env; found none',
    ],
  ],
  ['a step that is text', `${head}steps:\n  - run\n`, ['r.yaml:4:5: steps[0]: expected a map, found the text "run"']],
  [
    'a number where text belongs',
    `${head}properties:\n  release: 12.10\n`,
    ['r.yaml:4:12: properties.release: expected text, found the number 12.1; put it in quotes'],
  ],
  [
    'a value in neither of its forms',
    `${head}steps:\n  - run: 5\n`,
    ['r.yaml:4:10: steps[0].run: expected text or a map, found the number 5; put it in quotes'],
  ],
  [
    'a mistake inside one form of a value',
    `${head}steps:\n  - run:\n      script: a\n      usr: lab\n`,
    ['r.yaml:6:7: steps[0].run.usr: unknown key "usr" (did you mean "user"?)'],
  ],
  [
    'a mistake inside one form of a base',
    'name: a\nfrom:\n  debootstrap: debian/bookworm\n  miror: http://x/\n',
    ['r.yaml:4:3: from.miror: unknown key "miror" (did you mean "mirror"?)'],
  ],
  [
    'a base of an unknown kind',
    'name: a\nfrom: debotstrap:debian/bookworm\n',
    [
      'r.yaml:2:7: from: bases of the kind "debotstrap" are not known (did you mean "debootstrap"?); expected debootstrap:DISTRIBUTION/SUITE, rootfs:FILE, dir:PATH, oci:DIR, oci-archive:FILE, docker-archive:FILE, lxd:FILE, image:ALIAS, dockerfile:FILE, block:DEVICE, dnf:fedora/RELEASE, pacstrap:arch or scratch',
    ],
  ],
  [
    'a suite of nothing known',
    'name: a\nfrom: debootstrap:bookworm\n',
    ['r.yaml:2:7: from: expected debian/SUITE, ubuntu/SUITE or devuan/SUITE, like debian/bookworm'],
  ],
  [
    'a suite of another distribution',
    'name: a\nfrom: debootstrap:debian/noble\n',
    ['r.yaml:2:7: from: noble is a suite of ubuntu: ubuntu/noble'],
  ],
  [
    'a suite by its number',
    'name: a\nfrom: { debootstrap: ubuntu/24.04 }\n',
    ['r.yaml:2:22: from.debootstrap: expected debian/SUITE, ubuntu/SUITE or devuan/SUITE, like debian/bookworm'],
  ],
  [
    'a snapshot of no day',
    'name: a\nfrom: { debootstrap: debian/sid, snapshot: 2026-02-30 }\n',
    ['r.yaml:2:44: from.snapshot: expected a date, like 2026-11-01, or a time, like 2026-11-01T12:00:00Z'],
  ],
  [
    'a snapshot that nobody keeps',
    'name: a\nfrom: { debootstrap: devuan/ceres, snapshot: 2026-02-28 }\n',
    ['r.yaml:2:46: from.snapshot: nobody keeps snapshots of devuan for everybody: name a mirror that does'],
  ],
  [
    'an unknown format',
    `${head}outputs: [lxc]\n`,
    [
      'r.yaml:3:11: outputs[0]: "lxc" is not known (did you mean "lxd"?); expected rootfs, dir, lxd, oci, oci-archive, docker, proxmox',
    ],
  ],
  [
    'an option in place of a package',
    `${head}steps:\n  - packages: [--purge]\n`,
    ['r.yaml:4:16: steps[0].packages[0]: expected the name of a package, perhaps with =VERSION or /SUITE'],
  ],
  [
    'a command that would leave augtool',
    `${head}steps:\n  - augeas: [set /files/etc/hostname/hostname a, quit]\n`,
    [
      'r.yaml:4:50: steps[0].augeas[1]: "quit" is no command of augtool that a recipe can have; expected set, setm, clear, clearm, touch, rm, ins, insert, mv, move, cp, copy, rename, defvar, defnode, context, transform, load, load-file, get, match, print, ls, count',
    ],
  ],
  ['no packages', `${head}steps:\n  - packages: []\n`, ['r.yaml:4:15: steps[0].packages: must not be empty']],
  [
    'a mode that YAML has read as a number',
    `${head}steps:\n  - write: { path: /a, content: b, mode: 0644 }\n`,
    ['r.yaml:4:42: steps[0].write.mode: expected text, found the number 644; put it in quotes'],
  ],
  [
    'a relative path in the image',
    `${head}steps:\n  - write: { path: etc/motd, content: b }\n`,
    ['r.yaml:4:20: steps[0].write.path: expected an absolute path inside the image, like /etc/motd'],
  ],
  [
    'a path that climbs',
    `${head}steps:\n  - copy: { from: a, to: /etc/../../x }\n`,
    ['r.yaml:4:26: steps[0].copy.to: must not contain ..'],
  ],
  [
    'a template with neither content nor file',
    `${head}templates:\n  - target: /etc/hostname\n`,
    ['r.yaml:4:5: templates[0]: a template has either content or file'],
  ],
  [
    'an unknown trigger',
    `${head}templates:\n  - { target: /a, content: b, when: [creat] }\n`,
    [
      'r.yaml:4:38: templates[0].when[0]: "creat" is not known (did you mean "create"?); expected create, copy, rename, start',
    ],
  ],
  [
    'an unknown variant of an output',
    `${head}outputs:\n  - { format: lxd, variant: unifed }\n`,
    [
      'r.yaml:4:29: outputs[0].variant: lxd has no variant "unifed" (did you mean "unified"?); expected split-squashfs, split-tar, unified',
    ],
  ],
  [
    'an output that is a number',
    `${head}outputs: [3]\n`,
    ['r.yaml:3:11: outputs[0]: expected text or a map, found the number 3; put it in quotes'],
  ],
  [
    'a name with a blank',
    'name: a b\nfrom: scratch\n',
    ['r.yaml:1:7: name: expected a name of letters, digits, . _ + - and /, like debian/12'],
  ],
  [
    'several mistakes',
    'nme: a\nfrom: scratch\nsteps: 3\n',
    [
      'r.yaml:1:1: name: this key is missing: expected text',
      'r.yaml:3:8: steps: expected a list, found the number 3',
      'r.yaml:1:1: nme: unknown key "nme" (did you mean "name"?)',
    ],
  ],
])('%s is named with its place', (_, text, expected) => {
  expect(problems(text)).toEqual(expected)
})

test('what breaks YAML is named with its place', () => {
  expect(problems('name: a\n\tfrom: b\n')[0]).toMatch(/^r\.yaml:2:1: Tabs/)
  expect(problems('name: a\nname: b\nfrom: scratch\n')).toEqual(['r.yaml:2:1: Map keys must be unique'])
  expect(problems('name: !secret a\nfrom: scratch\n')[0]).toMatch(/^r\.yaml:1:7: Unresolved tag/)
  expect(problems('a: 1\nb: 2\nc: *d\n')[0]).toBe('r.yaml:3:4: there is no anchor &d before this alias')
  const laughs = [...'bcdefgh'].map((key, i) => `${key}: &${key} [${`*${'abcdefg'[i]},`.repeat(9)}]`).join('\n')
  expect(problems(`a: &a [lol]\n${laughs}\n`)[0]).toMatch(/^r\.yaml:1:1: Excessive alias count/)
})

test('the place of a value behind an alias is where its anchor is', () => {
  const text = `x: &s\n  run: 5\n${head}steps:\n  - *s\n`
  expect(problems(text)).toContain(
    'r.yaml:2:8: steps[0].run: expected text or a map, found the number 5; put it in quotes',
  )
})
