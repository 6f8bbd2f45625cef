import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * `$INGOT_HOME`; else `/var/lib/ingot` for root and `$XDG_DATA_HOME/ingot` for ordinary users, also where they are root in a user
 * namespace of their own (bin/ingot).
 */
export function defaultHome(): string {
  if (process.env.INGOT_HOME) return process.env.INGOT_HOME
  if (process.getuid?.() === 0 && !process.env.INGOT_ROOTLESS) return '/var/lib/ingot'
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'ingot')
}
