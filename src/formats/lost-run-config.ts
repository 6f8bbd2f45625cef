import type { RunConfig } from '../image/metadata.ts'

/** Warns of a run configuration that a format of system containers cannot hold. Starting /sbin/init is what these do anyway. */
export function warnOfRunConfig(run: RunConfig, holder: string, warn: (message: string) => void): void {
  const lost: string[] = []
  const command = [...(run.entrypoint ?? []), ...(run.cmd ?? [])]
  if (command.length > 0 && command[0] !== '/sbin/init') lost.push(`command (${command.join(' ')})`)
  const env = (run.env ?? []).filter((text) => !text.startsWith('PATH='))
  if (env.length > 0) lost.push(`environment (${env.map((text) => text.split('=')[0]).join(', ')})`)
  if (run.user && !/^(root|0)?(:(root|0)?)?$/.test(run.user)) lost.push(`user (${run.user})`)
  if (run.workdir && run.workdir !== '/') lost.push(`working directory (${run.workdir})`)
  if (run.healthcheck) lost.push('health check')
  if (lost.length > 0) warn(`${holder} have no run configuration; left out: ${lost.join(', ')}`)
}
