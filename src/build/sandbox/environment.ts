/** The only name of the host that programs of a build ever see. */
export const hostName = 'ingot'

/** The folder inside the sandbox that files of ours are in (SandboxRun.files). */
export const sandboxFiles = '/run/ingot'

const proxyNames = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy']

/**
 * All the environment of a program that works on an image: the same on every host, apart from its proxies.
 * SOURCE_DATE_EPOCH makes useradd, Python and many others write times that do not move.
 */
export function buildEnvironment(epoch: number | undefined): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TERM: 'dumb',
    DEBIAN_FRONTEND: 'noninteractive',
    DEBCONF_NONINTERACTIVE_SEEN: 'true',
    // A build that is cut short is thrown away, so dpkg need not wait for the disk: a third less time for a bootstrap.
    DPKG_FORCE: 'unsafe-io',
    ...(epoch !== undefined && { SOURCE_DATE_EPOCH: String(epoch) }),
    ...hostProxies(),
  }
}

function hostProxies(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of proxyNames.flatMap((lower) => [lower, lower.toUpperCase()])) {
    const value = process.env[name]
    if (value) found[name] = value
  }
  return found
}
