import { existsSync } from 'node:fs'
import { IngotError } from '../../image/error.ts'
import { type Account, findAccount } from '../root/accounts.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { sandboxFiles } from '../sandbox/sandbox.ts'
import { succeed } from './succeed.ts'
import type { StepRunner } from './types.ts'

const setpriv = 'usr/bin/setpriv'

export const runStep: StepRunner<'run'> = {
  title({ script }) {
    const lines = script.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
    return `run: ${lines[0] ?? ''}${lines.length > 1 ? ' …' : ''}`
  },
  async apply({ script, interpreter, env, workdir, user }, context) {
    const account = user === undefined ? undefined : findAccount(context.root, user)
    if (account !== undefined && !existsSync(resolveInRoot(context.root, setpriv))) {
      throw new IngotError('unsupported', `there is no /${setpriv} in the image, and \`user\` needs it`, {
        hint: 'On Debian it is in the package util-linux.',
      })
    }
    await succeed(context, 'the script', {
      command: [...(account ? become(account) : []), ...interpreter, `${sandboxFiles}/script`],
      files: { script },
      env: { ...(account && accountEnvironment(account)), ...env },
      workdir,
    })
  },
}

function become({ uid, gid, groups }: Account): readonly string[] {
  const others = groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups'
  return [`/${setpriv}`, `--reuid=${uid}`, `--regid=${gid}`, others, '--']
}

function accountEnvironment({ home, name, uid }: Account): Record<string, string> {
  return { HOME: home, USER: name ?? String(uid), LOGNAME: name ?? String(uid) }
}
