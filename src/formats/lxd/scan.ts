import type { Limits } from '../../compression/types.ts'
import type { ByteString } from '../../image/bytes.ts'
import { bodySize, type Entry } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import { type ByteFile, collect, readStart } from '../../image/stream.ts'
import { tarEntries } from '../tar-entries.ts'
import { diskHeadBytes } from './disk.ts'

/** What a look into an archive found of an LXD image (LXD "Image format"). */
export interface Scan {
  /** The bytes of metadata.yaml. */
  metadata?: Buffer
  /** There is a `rootfs/`. */
  root?: 'tree'
  /** The start of a virtual machine's `rootfs.img`. */
  disk?: Buffer
  /** Files of `templates/` by name. */
  readonly templates: Map<string, Buffer>
  templateBytes: number
  /** A path that ends in `/metadata.yaml`: the archive was made with a wrong prefix. */
  prefixed?: ByteString
  /** The first path that has no place in an LXD image. */
  foreign?: ByteString
}

export const maxMetadataBytes = 1024 * 1024
export const maxTemplateBytes = 1024 * 1024
const maxTemplateTotal = 16 * 1024 * 1024

/**
 * Reads an archive from its start until `enough` says so, or to its end. Throws what reading a tar throws, and 'limit'
 * for a metadata.yaml or template of more than 1 MiB.
 */
export async function scanArchive(
  file: ByteFile,
  limits: Limits | undefined,
  enough: (scan: Scan) => boolean,
): Promise<Scan> {
  const scan: Scan = { templates: new Map(), templateBytes: 0 }
  for await (const entry of tarEntries(file, limits)) {
    await note(scan, entry, file.name)
    if (enough(scan)) break
  }
  return scan
}

async function note(scan: Scan, entry: Entry, archive: string): Promise<void> {
  const { path } = entry
  if (path === '') return
  const [first, second, ...rest] = path.split('/')
  if (path === 'metadata.yaml') {
    scan.metadata ??= await readSmall(entry, archive, maxMetadataBytes)
  } else if (first === 'rootfs') {
    scan.root ??= 'tree'
  } else if (path === 'rootfs.img') {
    scan.disk ??= await readStart(entry.body, diskHeadBytes)
  } else if (first === 'templates') {
    if (second === undefined || rest.length > 0 || entry.type !== 'file') return
    scan.templates.set(second, await readSmall(entry, archive, maxTemplateBytes))
    scan.templateBytes += entry.size
    if (scan.templateBytes > maxTemplateTotal) {
      throw new IngotError('limit', `${archive}: more than ${maxTemplateTotal} bytes of templates`)
    }
  } else {
    if (path.endsWith('/metadata.yaml')) scan.prefixed ??= path
    if (path.includes('/') || entry.type !== 'file') scan.foreign ??= path
  }
}

async function readSmall(entry: Entry, archive: string, most: number): Promise<Buffer> {
  const subject = `${archive}: ${entry.path}`
  if (entry.type !== 'file' || entry.sparse) throw new IngotError('bad-input', `${subject}: not an ordinary file`)
  if (bodySize(entry) > most) throw new IngotError('limit', `${subject}: ${entry.size} bytes where ${most} are allowed`)
  return await collect(entry.body)
}

/** Whether an archive is a unified LXD image or the metadata half of a split one. Reads no further than it takes. */
export async function hasLxdMetadata(file: ByteFile, limits?: Limits): Promise<boolean> {
  const scan = await scanArchive(file, limits, (so) => so.metadata !== undefined || so.foreign !== undefined)
  return scan.metadata !== undefined
}
