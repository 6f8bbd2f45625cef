import { resolve } from 'node:path'
import { streamFrom } from '../../host/pipe.ts'
import type { Layer } from '../../image/layer.ts'
import type { ByteFile } from '../../image/stream.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'
import { readTar } from '../../tar/read.ts'
import { checkSuperblock } from './magic.ts'

/**
 * The tree of a squashfs as a layer, streamed by sqfs2tar without unpacking. What a squashfs holds comes through
 * (owners, modes, seconds, xattrs, devices, hard links of files), but holes read as zeros: sqfs2tar writes no sparse maps.
 * `path` is where the bytes of `file` are. Throws 'bad-input' and 'corrupt' when the superblock is wrong.
 */
export async function squashfsLayer(path: string, file: ByteFile): Promise<Layer> {
  await checkSuperblock(file)
  return entriesLayer(file.name, () =>
    // `--root-becomes .` is what makes it keep the root directory's own attributes.
    readTar(streamFrom('sqfs2tar', ['--root-becomes', '.', resolve(path)]), { name: file.name }),
  )
}
