import { singleFile } from '../one-image.ts'
import { readTree } from '../rootfs/read.ts'
import { isForeign, tarEntries } from '../tar-entries.ts'
import type { Format } from '../types.ts'

/** A Proxmox VE container template. */
export const proxmoxFormat: Format = {
  name: 'proxmox',
  summary: 'Proxmox VE container template (.tar.zst), or the OCI archive that Proxmox VE 9.1 takes',
  /**
   * A template is a root file system tar, and is read as one. Only those of Proxmox's own tools, which begin with
   * `etc/appliance.info`, are known by their content; all others are detected as `rootfs`.
   */
  async detect(input) {
    const part = singleFile(input)
    if (!part) return false
    try {
      for await (const entry of tarEntries(part.file, undefined)) {
        if (entry.path === 'etc/appliance.info') return true
        if (entry.type !== 'directory') return false
      }
    } catch (error) {
      if (!isForeign(error)) throw error
    }
    return false
  },
  list: readTree,
  write: async (images, options, sink) => await (await import('./write.ts')).writeProxmox(images, options, sink),
}
