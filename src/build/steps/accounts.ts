import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { IngotError } from '../../image/error.ts'
import type { StepValue } from '../../recipe/steps/registry.ts'
import { findAccount } from '../root/accounts.ts'
import { placeDirectory, placeFile } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { succeed } from './succeed.ts'
import type { StepContext, StepRunner } from './types.ts'

export const userStep: StepRunner<'user'> = {
  title: ({ name }) => `user: ${name}`,
  async apply(user, context) {
    await addAccount(context, 'useradd', [...userOptions(user), '--', user.name])
    if (user['authorized-keys'].length > 0) placeKeys(user.name, user['authorized-keys'], context)
  },
}

export const groupStep: StepRunner<'group'> = {
  title: ({ name }) => `group: ${name}`,
  async apply({ name, gid, system }, context) {
    const options = [...option('--gid', gid), ...(system ? ['--system'] : [])]
    await addAccount(context, 'groupadd', [...options, '--', name])
  },
}

function userOptions(user: StepValue<'user'>): readonly string[] {
  const { uid, group, groups, home, shell, comment, system, password } = user
  return [
    ...option('--uid', uid),
    ...(group === undefined ? ['--user-group'] : ['--gid', group]),
    ...(groups.length > 0 ? ['--groups', groups.join()] : []),
    ...option('--home-dir', home),
    ...(system && home === undefined ? ['--no-create-home'] : ['--create-home']),
    ...option('--shell', shell),
    ...option('--comment', comment),
    ...(system ? ['--system'] : []),
    ...option('--password', password),
  ]
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)]
}

async function addAccount(context: StepContext, tool: string, args: readonly string[]): Promise<void> {
  if (!existsSync(resolveInRoot(context.root, `usr/sbin/${tool}`))) {
    throw new IngotError('unsupported', `there is no /usr/sbin/${tool} in the image`, {
      hint: 'On Debian it is in the package passwd; without it use a run step.',
    })
  }
  await succeed(context, tool, { command: [tool, ...args] })
}

function placeKeys(name: string, keys: readonly string[], { root, epoch }: StepContext): void {
  const { uid, gid, home } = findAccount(root, name)
  const placement = { uid, gid, time: epoch }
  const folder = join(home, '.ssh')
  placeDirectory(resolveInRoot(root, folder), 0o700, placement)
  const content = keys.map((key) => `${key}\n`).join('')
  placeFile(resolveInRoot(root, join(folder, 'authorized_keys'), true), { content }, 0o600, placement)
}
