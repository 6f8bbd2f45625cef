import { decompress } from '../compression/decompress.ts'
import { detectCompression } from '../compression/detect.ts'
import type { Entry } from '../image/entry.ts'
import { type ByteFile, readHead } from '../image/stream.ts'
import { readTar } from '../tar/read.ts'
import { archiveTree } from './blob-tree.ts'

/** What a tar of blobs is: `docker` has a manifest.json (Docker 25 and later add a whole OCI layout), `oci` a layout only. */
export type ArchiveKind = 'docker' | 'oci'

const known = new WeakMap<ByteFile, Promise<ArchiveKind | undefined>>()

/**
 * Tells what a file is by the names in it. Other archives are left at their first entry. Where that looks like an image
 * but the rest cannot be read, the answer is `oci`, so that reading it tells the user what is wrong. Never throws.
 */
export function archiveKind(file: ByteFile): Promise<ArchiveKind | undefined> {
  let kind = known.get(file)
  if (!kind) {
    kind = findKind(file)
    known.set(file, kind)
  }
  return kind
}

async function findKind(file: ByteFile): Promise<ArchiveKind | undefined> {
  let plausible = false
  try {
    const compression = detectCompression(await readHead(file, 64))
    const plain = compression === 'none' ? file.open() : decompress(file.open(), { name: file.name, kind: compression })
    const seen = new Set<string>()
    for await (const entry of readTar(plain, { name: file.name, absoluteNames: 'strip' })) {
      if (entry.path === '') continue
      if (!plausible && !mayBegin(entry)) return undefined
      plausible = true
      if (compression === 'none') return await kindOfTree(file)
      if (entry.path === 'manifest.json') return 'docker'
      seen.add(entry.path)
    }
    return seen.has('oci-layout') && seen.has('index.json') ? 'oci' : undefined
  } catch {
    return plausible ? 'oci' : undefined
  }
}

async function kindOfTree(file: ByteFile): Promise<ArchiveKind | undefined> {
  const tree = await archiveTree(file)
  if (await tree.file('manifest.json')) return 'docker'
  return (await tree.file('oci-layout')) && (await tree.file('index.json')) ? 'oci' : undefined
}

/**
 * Whether an archive of blobs may begin with this entry: what docker, podman, skopeo, kaniko, jib, bazel, nix and
 * go-containerregistry write, and repacked ones. No rule for reading, only a reason to look further.
 */
function mayBegin(entry: Entry): boolean {
  const first = entry.path.split('/')[0]!
  if (/^(sha256:)?[0-9a-f]{64}(\.[a-z.]+)?$/.test(first) || first === 'blobs') return true
  if (entry.type === 'directory' || first !== entry.path) return false
  return /^(oci-layout|repositories|.+\.json|.+\.tar|.+\.tar\.gz|.+\.tgz)$/.test(first)
}
