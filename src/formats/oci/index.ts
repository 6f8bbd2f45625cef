import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { digestHex } from '../../image/digest.ts'
import { archiveKind } from '../archive-kind.ts'
import { archiveTree, directoryTree } from '../blob-tree.ts'
import { onlyDirectory, onlyFile } from '../only-part.ts'
import type { Format } from '../types.ts'

/** OCI image layout as a directory (image-spec image-layout.md). Writing adds to one that is there. */
export const ociFormat: Format = {
  name: 'oci',
  summary: 'OCI image layout: a directory for skopeo, umoci, podman and buildah',
  async detect(input) {
    const part = input.parts.length === 1 ? input.parts[0] : undefined
    if (part?.kind !== 'directory') return false
    return existsSync(join(part.path, 'oci-layout')) && existsSync(join(part.path, 'index.json'))
  },
  async list(input, options) {
    const { layoutCandidates } = await import('./read.ts')
    return await layoutCandidates(directoryTree(onlyDirectory(input, 'oci'), options.onRead), options)
  },
  async write(images, options, sink) {
    const { writeOciLayout } = await import('./write-layout.ts')
    const { path, finalPath: folder } = await sink.directory({ mayExist: true })
    const { digest, names } = await writeOciLayout(images, options, path)
    return { format: 'oci', variant: 'dir', files: [], folder, fingerprint: digestHex(digest), digest, names }
  },
}

/** The same in a tar. The outer file may be compressed when read (it is then unpacked to a temporary file). */
export const ociArchiveFormat: Format = {
  name: 'oci-archive',
  summary: 'OCI image layout in one tar: for skopeo, podman and, as a template, Proxmox VE 9.1',
  async detect(input) {
    const part = input.parts.length === 1 ? input.parts[0] : undefined
    return part?.kind === 'file' && (await archiveKind(part.file)) === 'oci'
  },
  async list(input, options) {
    const { layoutCandidates } = await import('./read.ts')
    return await layoutCandidates(await archiveTree(onlyFile(input, 'oci-archive'), options.limits), options)
  },
  async write(images, options, sink) {
    const { writeOciArchive } = await import('./write-archive.ts')
    const artifact = await sink.create({ extension: '.tar' })
    const { digest, names } = await writeOciArchive(images, options, await artifact.path(), { docker: false })
    return { format: 'oci-archive', files: [await artifact.finish()], fingerprint: digestHex(digest), digest, names }
  },
}
