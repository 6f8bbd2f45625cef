import { type Digest, digestAlgorithm, digestOf, parseDigest } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import { normalisePlatform } from '../../image/platform.ts'
import { type ByteFile, readWhole } from '../../image/stream.ts'
import type { BlobTree } from '../blob-tree.ts'
import { fullName, parseDockerName } from '../docker-name.ts'
import { configPlatform, parseConfig } from '../oci/config.ts'
import { type DockerManifestItem, dockerManifestDocument } from '../oci/docker-manifest.ts'
import { maxDocumentBytes, parseDocument } from '../oci/documents.ts'
import { type StoredLayer, systemImage } from '../oci/image.ts'
import { type LayoutImage, layoutImages } from '../oci/layout.ts'
import { layoutCandidate } from '../oci/read.ts'
import { blobPath, findBlob } from '../oci/read-blob.ts'
import type { Candidate, ReadOptions } from '../types.ts'

const maxManifestBytes = 20 * 1024 * 1024

/**
 * The images of a Docker archive, old form or new. manifest.json decides. Where the archive holds an OCI layout too
 * (Docker 25 and later), an item whose image is described there with the same configuration and layers is read through
 * it, which keeps annotations and manifest digest; and images of other platforms that are complete there, which
 * manifest.json never lists, follow. Throws 'bad-input', 'corrupt' and 'limit'.
 */
export async function dockerCandidates(tree: BlobTree, options: ReadOptions): Promise<readonly Candidate[]> {
  const subject = `${tree.name}: manifest.json`
  const manifest = await tree.file('manifest.json')
  if (!manifest) throw new IngotError('bad-input', `${tree.name}: no manifest.json: not a Docker archive`)
  const items = parseDocument(await readWhole(manifest, maxManifestBytes), dockerManifestDocument, subject)
  const layout = await layoutOf(tree)
  const candidates: Candidate[] = []
  const described = new Set<string>()
  const tags = new Map<string, string>()
  for (const item of items) {
    const config = await readConfig(tree, item)
    described.add(digestOf(config))
    for (const tag of item.RepoTags ?? []) tags.set(completeName(tag), tag)
    const twin = layout.find((image) => sameImage(image, item, config))
    const names = item.RepoTags ?? []
    candidates.push(
      twin ? layoutCandidate(tree, twin, names, options) : itemCandidate(tree, { item, config, names }, options),
    )
  }
  for (const image of layout) {
    if (!image.manifest || described.has(image.manifest.document.config.digest)) continue
    if (!(await isComplete(tree, image))) continue
    const names = image.names.map((name) => tags.get(completeName(name)) ?? name)
    candidates.push(layoutCandidate(tree, image, names, options))
  }
  return candidates
}

async function layoutOf(tree: BlobTree): Promise<readonly LayoutImage[]> {
  return (await tree.file('oci-layout')) && (await tree.file('index.json')) ? await layoutImages(tree) : []
}

/** `debian:12` and `docker.io/library/debian:12` are one name. */
function completeName(name: string): string {
  const parsed = parseDockerName(name)
  return parsed ? fullName(parsed) : name
}

function sameImage({ manifest }: LayoutImage, item: DockerManifestItem, config: Buffer): boolean {
  if (!manifest || manifest.document.config.digest !== digestOf(config)) return false
  const paths = manifest.document.layers.map(({ digest }) => `blobs/${digest.replace(':', '/')}`)
  return paths.join('\n') === (item.Layers ?? []).join('\n')
}

async function isComplete(tree: BlobTree, { manifest }: LayoutImage): Promise<boolean> {
  if (!manifest) return false
  for (const descriptor of [manifest.document.config, ...manifest.document.layers]) {
    if (!(await findBlob(tree, descriptor, tree.name))) return false
  }
  return true
}

interface ItemImage {
  readonly item: DockerManifestItem
  readonly config: Buffer
  readonly names: readonly string[]
}

function itemCandidate(tree: BlobTree, { item, config, names }: ItemImage, options: ReadOptions): Candidate {
  const source = names[0] === undefined ? tree.name : `${tree.name} (${names[0]})`
  const platform = configPlatform(parseConfig(config, `${source}: ${item.Config}`))
  return {
    names,
    ...(platform ? { platform: normalisePlatform(platform) } : {}),
    async open() {
      const layers: StoredLayer[] = []
      for (const path of item.Layers ?? []) {
        layers.push({ file: await memberOf(tree, path), digest: promisedDigest(path) })
      }
      return await systemImage({ source, names, config, annotations: {}, layers }, options)
    },
  }
}

async function memberOf(tree: BlobTree, path: string): Promise<ByteFile> {
  const file = await tree.file(path)
  if (file) return file
  throw new IngotError('bad-input', `${tree.name}: manifest.json names ${path}, which is not in the archive`)
}

/** Path of an OCI layout's blob: its content's digest. */
function promisedDigest(path: string): Digest | undefined {
  const match = /^(?:\.\/)?blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(path)
  const digest = match ? parseDigest(`${match[1]}:${match[2]}`, path) : undefined
  return digest && path.endsWith(blobPath(digest)) ? digest : undefined
}

/** Reads a configuration and checks it against its name, which by Docker's image specification is its digest. */
async function readConfig(tree: BlobTree, item: DockerManifestItem): Promise<Buffer> {
  const bytes = await readWhole(await memberOf(tree, item.Config), maxDocumentBytes)
  const hex = /^(?:\.\/)?(?:sha256:)?([0-9a-f]{64})(?:\.json)?$/.exec(item.Config)?.[1]
  const promised: Digest | undefined = hex ? `sha256:${hex}` : promisedDigest(item.Config)
  if (promised === undefined) return bytes
  const actual = digestOf(bytes, digestAlgorithm(promised))
  if (actual === promised) return bytes
  throw new IngotError('corrupt', `${tree.name}: ${item.Config}: the content's digest is ${actual}`)
}
