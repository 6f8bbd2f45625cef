import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { epoch, facts, stepTester } from './test-steps.ts'

const { doSteps, folder } = stepTester()

describe.skipIf(process.getuid?.() !== 0)('write (needs root)', () => {
  test('makes the file and the folders above it', async () => {
    const { root } = await doSteps('  - write: { path: /srv/a/b, content: "grüße\\n" }')
    expect(readFileSync(join(root, 'srv/a/b'), 'utf8')).toBe('grüße\n')
    expect(facts(root, 'srv/a/b')).toEqual(['644', 0, 0, epoch])
    expect(facts(root, 'srv/a').slice(0, 3)).toEqual(['755', 0, 0])
  })

  test('a template has its variables filled in; without one nothing is', async () => {
    const text = 'room ${{ room }}, ${{ seats }} seats, for ${{ who }}\\n${HOME} $$\\n'
    const { root } = await doSteps(
      `  - write: { path: /a, content: "${text}", template: { room: A, seats: 12, who: [b, c] } }\n  - write: { path: /b, content: "${text}" }`,
    )
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('room A, 12 seats, for b c\n${HOME} $$\n')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe(text.replaceAll('\\n', '\n'))
    const wrong = doSteps('  - write: { path: /a, content: "x\\n${{ roam }}", template: { room: A } }')
    await expect(wrong).rejects.toThrow('line 2: there is no roam (did you mean "room"?)')
  })

  test('mode and owner, setuid too', async () => {
    const { root } = await doSteps('  - write: { path: /a, content: x, mode: "4750", owner: "lab:video" }')
    expect(facts(root, 'a')).toEqual(['4750', 1000, 44, epoch])
  })

  test('replaces files and links, not folders; links on the way stay inside the image', async () => {
    const outside = join(folder, 'outside')
    mkdirSync(outside)
    const { root } = await doSteps(
      '  - write: { path: /etc/link, content: new }\n  - write: { path: /evil/file, content: new }',
      (root) => {
        symlinkSync('/etc/passwd', join(root, 'etc/link'))
        symlinkSync(outside, join(root, 'evil'))
      },
    )
    expect(readFileSync(join(root, 'etc/link'), 'utf8')).toBe('new')
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).not.toBe('new')
    expect(readdirSync(outside)).toEqual([])
    expect(readFileSync(join(root, outside, 'file'), 'utf8')).toBe('new')
    await expect(doSteps('  - write: { path: /etc, content: x }')).rejects.toThrow('a directory is there')
  })
})

describe.skipIf(process.getuid?.() !== 0)('copy (needs root)', () => {
  const prepare = (_: string, recipes: string) => {
    mkdirSync(join(recipes, 'skel/bin'), { recursive: true, mode: 0o700 })
    writeFileSync(join(recipes, 'skel/.profile'), 'p', { mode: 0o600 })
    writeFileSync(join(recipes, 'skel/bin/tool'), 't', { mode: 0o700 })
    symlinkSync('bin/tool', join(recipes, 'skel/link'))
    writeFileSync(join(recipes, 'single'), 's')
  }

  test('templates: texts have their variables filled in, other files stay as they are', async () => {
    const binary = Buffer.from([0xff, 0xfe, ...Buffer.from('${{ name }}')])
    const prepare = (_: string, recipes: string) => {
      mkdirSync(join(recipes, 'etc'))
      writeFileSync(join(recipes, 'etc/motd'), 'Welcome to ${{ name }}.\n')
      writeFileSync(join(recipes, 'etc/binary'), binary)
      writeFileSync(join(recipes, 'wrong'), 'a\n${{ nam }}\n')
    }
    const { root } = await doSteps('  - copy: { from: etc, to: /etc, template: { name: the lab } }', prepare)
    expect(readFileSync(join(root, 'etc/motd'), 'utf8')).toBe('Welcome to the lab.\n')
    expect(readFileSync(join(root, 'etc/binary')).equals(binary)).toBe(true)
    const wrong = doSteps('  - copy: { from: wrong, to: /etc/, template: { name: lab } }', prepare)
    await expect(wrong).rejects.toThrow(/\/recipe\/wrong: line 2: there is no nam/)
  })

  test('a folder’s content, without the marks of a checkout', async () => {
    const { root } = await doSteps('  - copy: { from: skel/, to: /etc/skel/ }', prepare)
    expect(facts(root, 'etc/skel/.profile')).toEqual(['644', 0, 0, epoch])
    expect(facts(root, 'etc/skel/bin/tool')).toEqual(['755', 0, 0, epoch])
    expect(facts(root, 'etc/skel/bin').slice(0, 3)).toEqual(['755', 0, 0])
    expect(readlinkSync(join(root, 'etc/skel/link'))).toBe('bin/tool')
    expect(facts(root, 'etc/skel/link').slice(1)).toEqual([0, 0, epoch])
  })

  test('owner and mode', async () => {
    const { root } = await doSteps('  - copy: { from: skel, to: /home/lab, owner: lab, mode: "0640" }', prepare)
    expect(facts(root, 'home/lab/bin/tool')).toEqual(['640', 1000, 1001, epoch])
    expect(facts(root, 'home/lab/bin').slice(0, 3)).toEqual(['750', 1000, 1001])
  })

  test('a file to a name, and into a folder', async () => {
    const { root } = await doSteps(
      '  - copy: { from: single, to: /etc/name }\n  - copy: { from: single, to: /new/folder/ }',
      prepare,
    )
    expect(readFileSync(join(root, 'etc/name'), 'utf8')).toBe('s')
    expect(readFileSync(join(root, 'new/folder/single'), 'utf8')).toBe('s')
  })

  test('folders that are there keep their mode', async () => {
    const { root } = await doSteps('  - copy: { from: skel, to: /tmp }', (root, recipes) => {
      prepare(root, recipes)
      chmodSync(join(root, 'tmp'), 0o1777)
    })
    expect(facts(root, 'tmp')[0]).toBe('1777')
  })

  test('nothing from outside the recipe’s folder, not through links either', async () => {
    const outside = 'it is outside the folder of the recipe'
    await expect(doSteps('  - copy: { from: ../root, to: /x }', prepare)).rejects.toThrow(outside)
    await expect(doSteps('  - copy: { from: /etc/passwd, to: /x }', prepare)).rejects.toThrow(outside)
    const link = (_: string, recipes: string) => symlinkSync('/etc', join(recipes, 'link'))
    await expect(doSteps('  - copy: { from: link/passwd, to: /x }', link)).rejects.toThrow(outside)
    await expect(doSteps('  - copy: { from: missing, to: /x }', prepare)).rejects.toThrow('there is no missing')
  })
})

describe.skipIf(process.getuid?.() !== 0)('small steps (needs root)', () => {
  test('symlink: made, and in place of what was there', async () => {
    const { root } = await doSteps('  - symlink: { path: /etc/passwd, target: ../elsewhere }')
    expect(readlinkSync(join(root, 'etc/passwd'))).toBe('../elsewhere')
    expect(facts(root, 'etc/passwd')[3]).toBe(epoch)
  })

  test('remove: trees and patterns; links are removed, not what they lead to, and lead on only before', async () => {
    const outside = join(folder, 'kept')
    mkdirSync(outside)
    writeFileSync(join(outside, 'a.txt'), '')
    const { root } = await doSteps(
      '  - remove: /tree\n  - remove: [/etc/link, "/etc/x-*.conf", "/none/*", /to/a.txt]',
      (root) => {
        mkdirSync(join(root, 'tree/sub'), { recursive: true })
        mkdirSync(join(root, 'real'))
        for (const name of ['x-1.conf', 'x-2.conf', 'y.conf']) writeFileSync(join(root, 'etc', name), '')
        for (const name of ['a.txt', 'b.txt']) writeFileSync(join(root, 'real', name), '')
        symlinkSync('/real', join(root, 'to'))
        symlinkSync(outside, join(root, 'etc/link'))
      },
    )
    expect(existsSync(join(root, 'tree'))).toBe(false)
    expect(readdirSync(join(root, 'etc')).sort()).toEqual(['group', 'passwd', 'y.conf'])
    expect(readdirSync(join(root, 'real'))).toEqual(['b.txt'])
    expect(readdirSync(outside)).toEqual(['a.txt'])
    await expect(doSteps('  - remove: /typo')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('hostname: both files, and the second only where it is', async () => {
    const { root } = await doSteps('  - hostname: box\n  - hostname: lab.example.org', (root) => {
      writeFileSync(join(root, 'etc/hosts'), '127.0.0.1\tlocalhost')
    })
    expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('lab.example.org\n')
    expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('127.0.0.1\tlocalhost\n127.0.1.1\tlab.example.org lab\n')
    const other = await doSteps('  - hostname: box')
    expect(existsSync(join(other.root, 'etc/hosts'))).toBe(false)
  })

  test('timezone: only one that the image has', async () => {
    const { root } = await doSteps('  - timezone: Europe/Berlin', (root) => {
      mkdirSync(join(root, 'usr/share/zoneinfo/Europe'), { recursive: true })
      writeFileSync(join(root, 'usr/share/zoneinfo/Europe/Berlin'), '')
    })
    expect(readlinkSync(join(root, 'etc/localtime'))).toBe('/usr/share/zoneinfo/Europe/Berlin')
    await expect(doSteps('  - timezone: Europe/Berlin')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('tzdata'),
    })
  })

  test.each(['user: lab', 'group: lab', 'enable: x', 'mask: x'])('%s: the image must have the tool', async (step) => {
    await expect(doSteps(`  - ${step}`)).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('step'),
    })
  })

  test('capabilities: of a file that must be there', async () => {
    await expect(doSteps('  - capabilities: { path: /none, set: cap_net_raw+ep }')).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
