import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { ociPlatform } from '../../image/platform.ts'
import { type ByteFile, readHead } from '../../image/stream.ts'
import { tarLayer } from '../../layers/tar-layer.ts'
import { isSquashfs } from '../squashfs/magic.ts'
import { squashfsLayer } from '../squashfs/read.ts'
import { isForeign } from '../tar-entries.ts'
import type { Candidate, FilePart, ImageInput, ReadOptions } from '../types.ts'
import { checkDisk, diskHeadBytes, diskLayer, isQcow2 } from './disk.ts'
import { parseLxdMetadata } from './parse-metadata.ts'
import { hasLxdMetadata, type Scan, scanArchive } from './scan.ts'
import { unifiedLayer } from './tree.ts'

/** The image of a unified archive, or of a metadata archive and a root file system in either order. */
export async function readLxd(input: ImageInput, options: ReadOptions): Promise<readonly Candidate[]> {
  const files = input.parts.filter((part) => part.kind === 'file')
  if (files.length !== input.parts.length) throw new IngotError('bad-input', `${input.display}: LXD images are files`)
  const [first, second] = files
  if (first && !second) return [await unified(first.file, input, options)]
  if (first && second) return [await split(first, second, input, options)]
  throw new IngotError('bad-input', `${input.display}: an LXD image is one file or two`)
}

async function unified(file: ByteFile, input: ImageInput, options: ReadOptions): Promise<Candidate> {
  const known = (scan: Scan) => scan.metadata !== undefined && (scan.root !== undefined || scan.disk !== undefined)
  const scan = await scanArchive(file, options.limits, known)
  const metadata = parsed(scan, file)
  if (scan.disk) {
    checkDisk(scan.disk, `${file.name}: rootfs.img`)
    return candidate(input, metadata, scan, file, options, async () => diskLayer(file.name))
  }
  if (scan.root === undefined) {
    throw new IngotError('bad-input', `${file.name}: metadata.yaml is there, but no rootfs/`, {
      hint: `If this is the metadata of a split image, name both files: lxd:${file.name},ROOTFS`,
    })
  }
  return candidate(input, metadata, scan, file, options, async () => unifiedLayer(file, options.limits))
}

async function split(a: FilePart, b: FilePart, input: ImageInput, options: ReadOptions): Promise<Candidate> {
  const [meta, root] = await splitParts(a, b, options)
  const head = await readHead(root.file, diskHeadBytes)
  if (isQcow2(head)) checkDisk(head, root.file.name)
  const scan = await scanArchive(meta.file, options.limits, () => false)
  const open = async () => {
    if (isQcow2(head)) return diskLayer(root.file.name)
    if (await isSquashfs(root.file)) return await squashfsLayer(root.path, root.file)
    const limits = options.limits && { limits: options.limits }
    return tarLayer({ name: root.file.name, file: root.file, whiteouts: false, ...limits })
  }
  if (isQcow2(head)) scan.disk = head
  return candidate(input, parsed(scan, meta.file), scan, meta.file, options, open)
}

/** The two files of a split image, metadata first. The smaller file is looked into first, as it is the metadata in all but odd cases. */
export async function splitParts(
  a: FilePart,
  b: FilePart,
  options: ReadOptions,
): Promise<readonly [FilePart, FilePart]> {
  const [small, large] = a.file.size <= b.file.size ? [a, b] : [b, a]
  if (await isMetadata(small, options)) return [small, large]
  if (await isMetadata(large, options)) return [large, small]
  throw new IngotError('bad-input', `neither ${a.file.name} nor ${b.file.name} has a metadata.yaml at its top level`, {
    hint: 'A split LXD image is a tar with metadata.yaml, and a root file system.',
  })
}

async function isMetadata({ file }: FilePart, options: ReadOptions): Promise<boolean> {
  if ((await isSquashfs(file)) || isQcow2(await readHead(file, 4))) return false
  try {
    return await hasLxdMetadata(file, options.limits)
  } catch (error) {
    if (!isForeign(error)) throw error
    return false
  }
}

function candidate(
  input: ImageInput,
  metadata: ImageMetadata,
  scan: Scan,
  file: ByteFile,
  options: ReadOptions,
  open: () => Promise<Layer>,
): Candidate {
  let complete: Promise<ImageMetadata> | undefined
  return {
    names: [],
    platform: ociPlatform(metadata.architecture),
    async open() {
      return {
        source: input.display,
        names: [],
        ...(scan.disk ? { type: 'virtual-machine' as const } : {}),
        layers: [await open()],
        metadata() {
          complete ??= withTemplates(metadata, scan, file, options)
          return complete
        },
      }
    },
  }
}

/** Adds the template files, which may come after the root: the archive is then read until they were all seen. */
async function withTemplates(
  metadata: ImageMetadata,
  first: Scan,
  file: ByteFile,
  options: ReadOptions,
): Promise<ImageMetadata> {
  const names = new Set(metadata.templates.map((entry) => entry.template))
  const complete = ({ templates }: Scan) => [...names].every((name) => templates.has(name))
  const scan = complete(first) ? first : await scanArchive(file, options.limits, complete)
  const missing = [...names].find((name) => !scan.templates.has(name))
  if (missing !== undefined) {
    throw new IngotError(
      'bad-input',
      `${file.name}: metadata.yaml names the template ${missing}, but templates/${missing} is not there`,
    )
  }
  return { ...metadata, templateFiles: new Map([...scan.templates].filter(([name]) => names.has(name))) }
}

function parsed(scan: Scan, file: ByteFile): ImageMetadata {
  if (scan.metadata) return parseLxdMetadata(scan.metadata, `${file.name}: metadata.yaml`)
  const hint = scan.prefixed
    ? `It has ${scan.prefixed}: make the archive inside that folder (tar -C ${scan.prefixed.replace(/\/[^/]*$/, '')} …), without a prefix.`
    : 'For a root file system without metadata use rootfs:FILE.'
  throw new IngotError('bad-input', `${file.name}: not an LXD image: there is no metadata.yaml at its top level`, {
    hint,
  })
}
