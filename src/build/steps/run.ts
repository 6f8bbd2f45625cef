import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { IngotError, ioError } from '../../image/error.ts'
import type { StepValue } from '../../recipe/steps/registry.ts'
import { treeDigest } from '../cache/content.ts'
import { layerKey } from '../cache/keys.ts'
import { type Account, findAccount } from '../root/accounts.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { sandboxFiles } from '../sandbox/environment.ts'
import { insideFolder } from './inside-folder.ts'
import { succeed } from './succeed.ts'
import type { SandboxJob, StepContext, StepRunner } from './types.ts'

const setpriv = 'usr/bin/setpriv'

export const runStep: StepRunner<'run'> = {
  title({ script }) {
    const lines = script.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
    return `run: ${lines[0] ?? ''}${lines.length > 1 ? ' …' : ''}`
  },
  /** Secrets are not among them: a new password is no reason to run the script again. */
  inputs: async ({ bind }, recipeFolder, memory) =>
    await Promise.all(bind.map(async ({ from }) => await treeDigest(insideFolder(recipeFolder, from), memory))),
  async apply(value, context) {
    await succeed(context, 'the script', scriptJob(value, context))
  },
}

/** A script as a program to be run. Throws what it lacks. */
export function scriptJob(
  { script, interpreter, env, workdir, user, network, caches, secrets, bind }: StepValue<'run'>,
  context: StepContext,
): SandboxJob {
  const account = user === undefined ? undefined : findAccount(context.root, user)
  if (account !== undefined && !existsSync(resolveInRoot(context.root, setpriv))) {
    throw new IngotError('unsupported', `there is no /${setpriv} in the image, and \`user\` needs it`, {
      hint: 'On Debian it is in the package util-linux.',
    })
  }
  return {
    command: [...(account ? become(account) : []), ...interpreter, `${sandboxFiles}/script`],
    files: { script },
    env: { ...(account && accountEnvironment(account)), ...env },
    workdir,
    network,
    binds: [
      ...bind.map(({ from, to }) => ({
        source: insideFolder(context.recipeFolder, from),
        target: to,
        writable: false,
      })),
      ...caches.map((path) => ({ source: cacheFolder(context.caches, path, account), target: path, writable: true })),
    ],
    ...(secrets.length > 0 && {
      secrets: {
        uid: account?.uid ?? 0,
        contents: Object.fromEntries(secrets.map((secret) => [secret.id, readSecret(secret, context.recipeFolder)])),
      },
    }),
  }
}

function become({ uid, gid, groups }: Account): readonly string[] {
  const others = groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups'
  return [`/${setpriv}`, `--reuid=${uid}`, `--regid=${gid}`, others, '--']
}

function accountEnvironment({ home, name, uid }: Account): Record<string, string> {
  return { HOME: home, USER: name ?? String(uid), LOGNAME: name ?? String(uid) }
}

/** The same for all builds of this home, and the user's own. */
function cacheFolder(caches: string, path: string, account: Account | undefined): string {
  const { uid, gid } = account ?? { uid: 0, gid: 0 }
  const folder = join(caches, layerKey('cache', path, uid, gid))
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755)
  chownSync(folder, uid, gid)
  return folder
}

function readSecret({ id, env, file }: StepValue<'run'>['secrets'][number], recipeFolder: string): Buffer {
  if (file !== undefined) {
    try {
      return readFileSync(resolve(recipeFolder, file))
    } catch (error) {
      throw ioError(`read the secret ${id} from ${file}`, error)
    }
  }
  const value = process.env[env!]
  if (value !== undefined && value !== '') return Buffer.from(value)
  throw new IngotError('usage', `the secret ${id} is wanted from the variable ${env}, which is not set`)
}
