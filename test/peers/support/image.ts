import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { exec } from './exec.ts'
import { peerFolder } from './peer-folder.ts'

export interface Images {
  /**
   * A real Debian 12 with systemd, dbus and the tools that show what files have, as rootfs.tar.zst of GNU tar. In
   * `/srv/torture`: hard links, a FIFO, devices, a file with a capability, ACLs, xattrs, setuid, setgid and sticky,
   * sparse files, names that are long or not UTF-8, nanosecond times, an owner 65534. All ids fit an unprivileged
   * container.
   */
  readonly system: string
  /** The same kind of file with little more than a shell and `/srv/torture`, where one owner is beyond 2^31. */
  readonly app: string
}

/** Programs that `testImages` needs. */
export const imagePeers = ['root', 'mmdebstrap', 'zstd', 'setcap', 'setfacl', 'setfattr'] as const

const script = new URL('system-image.sh', import.meta.url).pathname
const packages = 'systemd-sysv,dbus,libcap2-bin,iputils-ping,acl,attr'
const leftOut = ['doc', 'man', 'info', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
const bootstrap = [
  '--quiet',
  '--format=directory',
  '--variant=minbase',
  `--include=${packages}`,
  ...leftOut,
  'bookworm',
]

/** The images that the peers' tests share; made by one call of mmdebstrap the first time. */
export async function testImages(): Promise<Images> {
  const key = createHash('sha256').update(readFileSync(script)).update(bootstrap.join()).digest('hex').slice(0, 16)
  const folder = await cached(`images-${key}`, makeImages)
  return { system: join(folder, 'system.tar.zst'), app: join(folder, 'app.tar.zst') }
}

async function makeImages(target: string): Promise<void> {
  const work = peerFolder('mmdebstrap')
  try {
    const root = join(work.path, 'root')
    await exec('mmdebstrap', [...bootstrap, root], { env: work.env, timeout: 240_000 })
    await exec('sh', [script, root, target], { env: work.env })
  } finally {
    await work.remove()
  }
}
