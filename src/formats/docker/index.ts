import { digestHex } from '../../image/digest.ts'
import { archiveKind } from '../archive-kind.ts'
import { archiveTree } from '../blob-tree.ts'
import { onlyFile } from '../only-part.ts'
import type { Format } from '../types.ts'

/** `docker save`, `docker load`. The outer file may be compressed when read (it is then unpacked to a temporary file). */
export const dockerFormat: Format = {
  name: 'docker',
  summary: 'Docker archive: what docker save writes and docker, podman and skopeo load',
  async detect(input) {
    const part = input.parts.length === 1 ? input.parts[0] : undefined
    return part?.kind === 'file' && (await archiveKind(part.file)) === 'docker'
  },
  async list(input, options) {
    const { dockerCandidates } = await import('./read.ts')
    return await dockerCandidates(await archiveTree(onlyFile(input, 'docker'), options.limits), options)
  },
  async write(images, options, sink) {
    const { writeOciArchive } = await import('../oci/write-archive.ts')
    const artifact = await sink.create({ extension: '.tar' })
    const written = await writeOciArchive(images, options, await artifact.path(), { docker: true })
    const { digest, names } = written
    return { format: 'docker', files: [await artifact.finish()], fingerprint: digestHex(digest), digest, names }
  },
}
