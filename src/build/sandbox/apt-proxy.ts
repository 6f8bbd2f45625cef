import { run } from '../../host/run.ts'
import { findTool } from '../../host/tools.ts'

/**
 * The host's proxies for apt, as lines of apt.conf(5): what its apt reaches the archives through, apt in an image needs
 * as well. '' when there are none, or no apt. A `Proxy-Auto-Detect` program is left out: the image does not have it.
 */
export async function hostAptProxies(): Promise<string> {
  if ((await findTool('apt-config')) === undefined) return ''
  const { stdout } = await run('apt-config', ['dump'])
  const lines = stdout.split('\n').filter((line) => /^Acquire::([^ ]+::)?Proxy(::[^ ]+)? "[^"]+";$/i.test(line))
  return lines.map((line) => `${line}\n`).join('')
}
