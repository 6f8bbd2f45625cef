import { readFileSync } from 'node:fs'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'
import { resolveInRoot } from './resolve.ts'

export interface Account {
  readonly uid: number
  readonly gid: number
  /** Supplementary groups. */
  readonly groups: readonly number[]
  readonly name: string | undefined
  readonly home: string
}

/** The user of a name or number, as the image's own /etc/passwd and /etc/group tell. Throws 'not-found' for a name that is not there. */
export function findAccount(root: string, user: string): Account {
  const rows = table(root, 'etc/passwd')
  const row = rows.find((fields) => fields[0] === user || (isNumber(user) && fields[2] === user))
  if (row === undefined) {
    if (isNumber(user)) return { uid: Number(user), gid: Number(user), groups: [], name: undefined, home: '/' }
    throw new IngotError('not-found', `there is no user ${JSON.stringify(user)} in the image`, {
      hint: 'A step before this one has to create it.',
    })
  }
  const [name, , uid, gid, , home] = row
  const groups = table(root, 'etc/group').filter((fields) => (fields[3] ?? '').split(',').includes(name!))
  return {
    uid: Number(uid),
    gid: Number(gid),
    groups: groups.map((fields) => Number(fields[2])),
    name: name!,
    home: home || '/',
  }
}

/** The ids that `USER[:GROUP]` stands for; without a group, the user's own. Throws 'not-found'. */
export function findOwner(root: string, owner: string): { readonly uid: number; readonly gid: number } {
  if (owner === 'root:root') return { uid: 0, gid: 0 } // also where there is no /etc/passwd
  const [user, group] = owner.split(':')
  const account = findAccount(root, user!)
  return { uid: account.uid, gid: group === undefined ? account.gid : findGroup(root, group) }
}

function findGroup(root: string, group: string): number {
  if (isNumber(group)) return Number(group)
  const row = table(root, 'etc/group').find((fields) => fields[0] === group)
  if (row !== undefined) return Number(row[2])
  throw new IngotError('not-found', `there is no group ${JSON.stringify(group)} in the image`, {
    hint: 'A step before this one has to create it.',
  })
}

function table(root: string, path: string): readonly string[][] {
  const host = resolveInRoot(root, path)
  try {
    const lines = readFileSync(host, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => line.split(':'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw ioError(`read ${host}`, error)
  }
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text)
}
