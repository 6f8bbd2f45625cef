import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sandboxMissing } from '../test-root.ts'
import { facts, stepTester } from './test-steps.ts'

const { doSteps, folder } = stepTester()

const augeasMissing = sandboxMissing ?? (existsSync('/usr/bin/augtool') ? undefined : 'needs augtool (augeas-tools)')

describe.skipIf(augeasMissing)(`augeas${augeasMissing ? ` (skipped: ${augeasMissing})` : ''}`, () => {
  const augeas = (...commands: readonly string[]) => `  - augeas: ${JSON.stringify(commands)}`
  const noRoot = 'set /files/etc/ssh/sshd_config/PermitRootLogin no'

  test('changes files, and makes new ones; what links lead to is changed, and nothing is left beside it', async () => {
    const steps = augeas(noRoot, 'set /files/etc/hosts/1/alias lab', 'set /files/etc/hostname/hostname lab')
    const { root } = await doSteps(steps, (root) => {
      mkdirSync(join(root, 'etc/ssh'))
      writeFileSync(join(root, 'etc/ssh/sshd_config'), '# kept\nPermitRootLogin yes\n', { mode: 0o600 })
      writeFileSync(join(root, 'srv-hosts'), '127.0.0.1 localhost\n')
      symlinkSync('/srv-hosts', join(root, 'etc/hosts'))
    })
    expect(readFileSync(join(root, 'etc/ssh/sshd_config'), 'utf8')).toBe('# kept\nPermitRootLogin no\n')
    expect(facts(root, 'etc/ssh/sshd_config').slice(0, 3)).toEqual(['600', 0, 0])
    expect(readlinkSync(join(root, 'etc/hosts'))).toBe('/srv-hosts')
    expect(readFileSync(join(root, 'srv-hosts'), 'utf8')).toBe('127.0.0.1 localhost lab\n')
    expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('lab\n')
    expect(facts(root, 'etc/hostname').slice(0, 3)).toEqual(['644', 0, 0])
    expect(readdirSync(join(root, 'etc')).sort()).toEqual(['group', 'hostname', 'hosts', 'passwd', 'ssh'])
    expect(readdirSync(join(root, 'etc/ssh'))).toEqual(['sshd_config'])
  })

  test('a link of the image to a file of the host changes nothing there', async () => {
    const outside = join(folder, 'hosts-of-the-host')
    writeFileSync(outside, '127.0.0.1 localhost\n')
    const hostile = (root: string) => symlinkSync(outside, join(root, 'etc/hosts'))
    await doSteps(augeas('set /files/etc/hosts/01/ipaddr 6.6.6.6', 'set /files/etc/hosts/01/canonical evil'), hostile)
    await expect(doSteps(augeas('set /files/etc/hosts/1/alias evil'), hostile)).rejects.toThrow()
    expect(readFileSync(outside, 'utf8')).toBe('127.0.0.1 localhost\n')
    expect(readdirSync(folder).filter((name) => name.includes('.aug'))).toEqual([])
  })

  test.each([
    ['a path that is none', ['set /files/etc/hosts[ x', noRoot], 'failed at "set /files/etc/hosts[ x"'],
    ['a move of nothing', [noRoot, 'mv /files/none /files/there'], 'failed at "mv /files/none /files/there"'],
    ['an unknown lens', ['transform None.lns incl /etc/motd', 'load', noRoot], 'Can not find lens None.lns'],
    [
      'a file that no lens is for',
      [noRoot, 'set /files/etc/none.such/a 1'],
      'has not saved /files/etc/none.such/a: no lens',
    ],
    ['a path that is no file’s', ['set /etc/hosts/1/alias x'], 'begin with /files ("set /etc/hosts/1/alias x")'],
    [
      'what is not whole',
      ['set /files/etc/fstab/1/spec x'],
      'could not save /etc/fstab ("set /files/etc/fstab/1/spec x")',
    ],
    [
      'a file that cannot be read',
      ['set /files/etc/hosts/1/alias x'],
      'could not save /etc/hosts ("set /files/etc/hosts/1/alias x")',
    ],
  ])('%s is a failure, and named', async (_, commands, message) => {
    const broken = (root: string) => {
      writeFileSync(join(root, 'etc/hosts'), 'not an address\n???\n')
      writeFileSync(join(root, 'etc/resolv.conf'), '???\n') // what nobody touches may be as it likes
      mkdirSync(join(root, 'etc/ssh'))
    }
    await expect(doSteps(augeas(...commands), broken)).rejects.toThrow(message)
  })

  test('what a command shows is in the log; lenses may be the recipe’s own', async () => {
    const lens = `module Lab =
autoload xfm
let lns = [ key "lab" . del "=" "=" . store /[a-z]+/ . del "\\n" "\\n" ]
let xfm = transform lns (incl "/etc/lab")
`
    const steps = '  - augeas: { commands: [get /files/etc/lab/lab, set /files/etc/lab/lab new], lenses: lenses }'
    const { root, lines } = await doSteps(steps, (root, recipes) => {
      mkdirSync(join(recipes, 'lenses'))
      writeFileSync(join(recipes, 'lenses/lab.aug'), lens)
      writeFileSync(join(root, 'etc/lab'), 'lab=old\n')
    })
    expect(lines).toEqual(['/files/etc/lab/lab = old'])
    expect(readFileSync(join(root, 'etc/lab'), 'utf8')).toBe('lab=new\n')
  })
})
