import { lstatSync, readFileSync } from 'node:fs'
import { placeFile } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const hostnameStep: StepRunner<'hostname'> = {
  title: (name) => `hostname: ${name}`,
  async apply(name, { root, epoch }) {
    const placement = { uid: 0, gid: 0, time: epoch }
    placeFile(resolveInRoot(root, 'etc/hostname', true), { content: `${name}\n` }, 0o644, placement)
    const hosts = resolveInRoot(root, 'etc/hosts')
    if (!lstatSync(hosts, { throwIfNoEntry: false })?.isFile()) return
    placeFile(hosts, { content: withOwnName(readFileSync(hosts, 'utf8'), name) }, 0o644, placement)
  },
}

/** Debian's line for a machine's own name (debian-reference, "The hostname resolution"): in place of one that is there, else last. */
function withOwnName(hosts: string, name: string): string {
  const [short] = name.split('.')
  const line = `127.0.1.1\t${short === name ? name : `${name} ${short}`}`
  if (/^127\.0\.1\.1\s.*$/m.test(hosts)) return hosts.replace(/^127\.0\.1\.1\s.*$/m, () => line)
  return `${hosts === '' || hosts.endsWith('\n') ? hosts : `${hosts}\n`}${line}\n`
}
