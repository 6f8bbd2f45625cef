import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const top = join(import.meta.dirname, '../..')

/** A user of this machine with 65536 ids of its own, who goes when the tests of the file are done. */
export interface OrdinaryUser {
  readonly uid: number
  readonly name: string
  /** What goes before a command line that this user is to run. */
  readonly prefix: readonly string[]
}

/** Makes one, at the top of a test file; a text says why that cannot be. */
export function makeOrdinaryUser(): OrdinaryUser | string {
  if (process.getuid?.() !== 0) return 'needs root to make a user'
  for (const tool of ['useradd', 'newuidmap', 'setpriv']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `needs ${tool}`
  }
  const name = `ingot-test-${process.pid}`
  execFileSync('useradd', ['--create-home', '--home-dir', `/var/tmp/${name}`, '--shell', '/bin/sh', name])
  const first = 700_000_000 + (process.pid % 10_000) * 65_536
  execFileSync('usermod', [
    '--add-subuids',
    `${first}-${first + 65_535}`,
    '--add-subgids',
    `${first}-${first + 65_535}`,
    name,
  ])
  afterAll(() => void execFileSync('userdel', ['--remove', name], { stdio: 'ignore' }))
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }))
  const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', '--inh-caps=-all', '--']
  if (spawnSync(prefix[0]!, [...prefix.slice(1), 'test', '-x', join(top, 'bin/ingot')]).status !== 0) {
    return `this checkout (${top}) is not readable for ordinary users`
  }
  const enters = [...prefix.slice(1), 'unshare', '--user', '--map-auto', '--map-root-user', '--mount', 'true']
  if (spawnSync(prefix[0]!, enters).status !== 0) return 'ordinary users cannot have user namespaces here'
  return { uid, name, prefix }
}

/** Gives a folder and all in it to the user. */
export function giveTo(user: OrdinaryUser, path: string): void {
  execFileSync('chown', ['-R', `${user.uid}:${user.uid}`, path])
}
