import type { RunConfig } from '../../image/metadata.ts'

type Warn = (message: string) => void

/** PVE 9.1 runs what Entrypoint and Cmd say, unless that is /sbin/init: then it is a system container. */
export function warnOfApplication(run: RunConfig, warn: Warn): void {
  const command = [...(run.entrypoint ?? []), ...(run.cmd ?? [])]
  if (command.length === 0 || command[0] === '/sbin/init') return
  warn(
    `the image starts ${JSON.stringify(command[0])}, so Proxmox VE runs it as an application container: ` +
      'for a system container set --entrypoint /sbin/init',
  )
}
