import { readFileSync } from 'node:fs'

let found: boolean | undefined

/** Whether this process is in another user namespace than the machine's first one (user_namespaces(7): uid_map). */
export function inUserNamespace(): boolean {
  found ??= !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'))
  return found
}
