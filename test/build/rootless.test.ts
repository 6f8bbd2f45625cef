import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { giveTo, makeOrdinaryUser, type OrdinaryUser } from '../support/ordinary-user.ts'
import { ownFolder } from '../support/store.ts'

const user = sandboxMissing ?? makeOrdinaryUser()
const why = typeof user === 'string' ? user : undefined

describe.skipIf(why)(`builds of an ordinary user${why ? ` (skipped: ${why})` : ''}`, () => {
  const as = user as OrdinaryUser
  const recipe = `
name: rootless
from: dir:tiny
clean: none
steps:
  - write: { path: /srv/of-lab, content: x, owner: "lab:video", mode: "4750" }
  - run: { script: "test $(id -u) = 1000", user: lab }
  - capabilities: { path: /usr/bin/cat, set: cap_net_raw+ep }
  - run: "unlink /usr/bin/env; touch /root/later; mkdir -p /var/a/b"
  - remove: [/var/a/b]
  - augeas: [set /files/etc/hostname/hostname lab, set /files/etc/group/lab/gid 1002]
`

  function prepare(name: string): string {
    const folder = ownFolder(name)
    for (const path of ['tiny', 'home']) {
      mkdirSync(join(folder, path))
      if (path === 'tiny') makeTinyRoot(join(folder, path))
    }
    writeFileSync(join(folder, 'ingot.yaml'), recipe)
    return folder
  }

  test('has the same bytes as root’s: owners, setuid, capabilities, what is removed', async () => {
    const fingerprints: (string | undefined)[] = []
    for (const who of [undefined, as]) {
      const folder = prepare(who ? 'rootless' : 'as-root')
      if (who) giveTo(who, folder)
      const env = { SOURCE_DATE_EPOCH: '1700000000' }
      const args = ['build', join(folder, 'ingot.yaml'), '--home', join(folder, 'home')]
      const { status, stderr } = await ingot(args, { as: who, env })
      expect(status, stderr).toBe(0)
      fingerprints.push(/store: rootless (\w+)/.exec(stderr)?.[1])
    }
    expect(fingerprints[0]).toMatch(/^[0-9a-f]{12}$/)
    expect(fingerprints[1]).toBe(fingerprints[0])
  })

  test('without a user namespace it is said what stands in the way', async () => {
    const folder = prepare('no-namespace')
    giveTo(as, folder)
    // setpriv's --no-new-privs keeps newuidmap from working, as a missing line in /etc/subuid does.
    const barred = { ...as, prefix: [...as.prefix.slice(0, -1), '--no-new-privs', '--'] }
    const { status, stderr } = await ingot(['build', join(folder, 'ingot.yaml'), '--home', join(folder, 'home')], {
      as: barred,
    })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(new RegExp(`${as.name} cannot build: `))
  })
})
