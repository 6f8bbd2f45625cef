import { compress } from '../../compression/compress.ts'
import { extensionOf } from '../../compression/detect.ts'
import type { ByteString } from '../../image/bytes.ts'
import { digestHex } from '../../image/digest.ts'
import type { EntryStream } from '../../image/entry.ts'
import type { Layer } from '../../image/layer.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import type { SystemImage } from '../../image/system-image.ts'
import { writeTar } from '../../tar/write.ts'
import { warnOfRunConfig } from '../lost-run-config.ts'
import { writeOciArchive } from '../oci/write-archive.ts'
import { oneImage } from '../one-image.ts'
import { createTally } from '../tally.ts'
import { hasInit, initPaths, type TreeFindings, watchTree } from '../tree-watch.ts'
import type { ArtifactSink, Rendition, WriteOptions } from '../types.ts'
import { warnOfApplication } from './application.ts'
import { templateName } from './name.ts'
import { ostypePaths, pveOstype } from './ostype.ts'
import { restrictEntries, withoutDevices } from './restrict.ts'

/** Writes `template` (a tar of `./` members, default zstd) or `oci` (the archive that PVE 9.1 takes). */
export async function writeProxmox(
  images: readonly SystemImage[],
  options: WriteOptions,
  sink: ArtifactSink,
): Promise<Rendition> {
  const image = oneImage(images, 'proxmox')
  const metadata = await image.metadata()
  const name = templateName(metadata, options.names?.[0] ?? image.names[0])
  if (options.variant === 'oci') {
    warnOfApplication(metadata.run, options.warn)
    const artifact = await sink.create({ extension: '.tar', suggestedName: `${name}.tar` })
    const { digest, names } = await writeOciArchive(images, options, await artifact.path(), { docker: false })
    const files = [await artifact.finish()]
    return { format: 'proxmox', variant: 'oci', files, fingerprint: digestHex(digest), digest, names }
  }
  return await writeTemplate(image, metadata, name, options, sink)
}

async function writeTemplate(
  image: SystemImage,
  metadata: ImageMetadata,
  name: string,
  options: WriteOptions,
  sink: ArtifactSink,
): Promise<Rendition> {
  const compression = options.compression ?? { kind: 'zstd' }
  const extension = `.tar${extensionOf(compression.kind)}`
  const artifact = await sink.create({ extension, suggestedName: `${name}${extension}` })
  const template = templateEntries(options.flatten(image.layers, image.source), options.warn)
  const file = await artifact.write(compress(writeTar(template.entries, { prefix: './' }), compression))
  template.report()
  warnOfRunConfig(metadata.run, 'Proxmox VE templates', options.warn)
  return { format: 'proxmox', variant: 'template', files: [file], fingerprint: file.sha256 }
}

type Warn = WriteOptions['warn']

/** What goes into a template of a tree and, when that was all read, what there is to warn of. */
function templateEntries(tree: Layer, warn: Warn): { readonly entries: EntryStream; report(): void } {
  const dropped = { node: new Set<ByteString>(), dev: new Set<ByteString>() }
  const tally = createTally(warn)
  const watched = watchTree(['sbin', ...initPaths, ...ostypePaths], releaseFiles)
  return {
    entries: watched.watch(restrictEntries(withoutDevices(tree, dropped).entries(), tally)),
    report() {
      for (const path of dropped.node) tally.add('Proxmox VE cannot create device nodes; left out', path)
      for (const path of dropped.dev) tally.add('Proxmox VE fills /dev itself; left out', path)
      tally.report()
      for (const message of doubts(watched.findings)) warn(message)
    },
  }
}

const releaseFiles = ['etc/os-release', 'usr/lib/os-release', 'etc/lsb-release']

/** Why Proxmox VE may not take this tree. */
function doubts(tree: TreeFindings): string[] {
  const found: string[] = []
  if (tree.entries < 10 || !['directory', 'symlink'].includes(tree.type('sbin') ?? '')) {
    found.push(
      'Proxmox VE takes archives with fewer than 10 members, or without /sbin, for damaged when it does not trust them',
    )
  }
  if (!hasInit(tree)) found.push('there is no /sbin/init: Proxmox VE cannot start a container of this image')
  if (pveOstype(tree) === undefined) {
    found.push('Proxmox VE cannot tell the operating system from /etc/os-release: create with --ostype unmanaged')
  }
  return found
}
