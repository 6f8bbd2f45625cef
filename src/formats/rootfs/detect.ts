import type { ByteFile } from '../../image/stream.ts'
import { archiveKind } from '../archive-kind.ts'
import { isSquashfs } from '../squashfs/magic.ts'
import { isForeign, tarEntries } from '../tar-entries.ts'

const looked = 16

/**
 * Whether a file is a tree and nothing more particular: a squashfs, or a tar whose first entries are readable and that
 * is neither an archive of blobs (OCI, Docker) nor an LXD image. A Proxmox template is one too: its bytes are read alike.
 */
export async function looksLikeTree(file: ByteFile): Promise<boolean> {
  if (await isSquashfs(file)) return true
  if (await archiveKind(file)) return false
  let entries = 0
  try {
    for await (const entry of tarEntries(file, undefined)) {
      if (entry.path === 'metadata.yaml') return false
      if (++entries === looked) break
    }
  } catch (error) {
    if (!isForeign(error)) throw error
    return false
  }
  return entries > 0
}
