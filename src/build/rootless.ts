import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { IngotError } from '../image/error.ts'

/** Builds need to be root, of the machine or of a user namespace. Throws 'unsupported', and says what stands in an ordinary user's way. */
export function requireBuilder(): void {
  if (process.getuid?.() === 0) return
  const user = userInfo().username
  const why =
    rootlessObstacle(user) ??
    'the files of an image belong to many users, which an ordinary user has only in a user namespace: ' +
      'start Ingot by bin/ingot, or as: unshare --user --map-auto --map-root-user --mount'
  throw new IngotError('unsupported', `${user} cannot build: ${why}`)
}

/** What keeps a user from having a user namespace with many ids, and how that is changed; undefined when nothing does that is known. */
export function rootlessObstacle(user: string): string | undefined {
  const off = switches.find(({ file, off }) => readText(file)?.trim() === off)
  if (off)
    return `user namespaces are off (${off.name} is ${off.off}); the administrator sets: sysctl -w ${off.name}=${off.on}`
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    if (!hasRange(readText(file) ?? '', user)) {
      const option = file === '/etc/subuid' ? '--add-subuids' : '--add-subgids'
      return `${file} gives ${user} no 65536 ids; the administrator gives them: usermod ${option} 100000-165535 ${user} (a range that nobody has)`
    }
  }
  if (!['/usr/bin/newuidmap', '/bin/newuidmap'].some((path) => existsSync(path))) {
    return 'newuidmap is not installed; on Debian it is in the package uidmap'
  }
  return undefined
}

const switches = [
  { name: 'user.max_user_namespaces', file: '/proc/sys/user/max_user_namespaces', off: '0', on: '28633' },
  { name: 'kernel.unprivileged_userns_clone', file: '/proc/sys/kernel/unprivileged_userns_clone', off: '0', on: '1' },
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    off: '1',
    on: '0',
  },
]

/** A line of subuid(5): user or number, first id, count. */
function hasRange(table: string, user: string): boolean {
  const uid = String(process.getuid?.())
  return table
    .split('\n')
    .map((line) => line.split(':'))
    .some(([name, , count]) => (name === user || name === uid) && Number(count) >= 65_535)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not there on this kernel, or not for this user to read
  }
}
