import { basename } from 'node:path'
import type { BuiltImage } from '../build/build.ts'
import type { PreparedBuild } from '../build/plan.ts'
import { provenanceOf, type Subject } from '../build/provenance.ts'
import type { Attachment } from '../formats/oci/attachment.ts'
import { fileSink } from '../formats/sink.ts'
import type { Rendition } from '../formats/types.ts'
import { type Digest, digestHex } from '../image/digest.ts'
import { memoryFile } from '../image/stream.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { sbomAttachments } from '../store/sbom/attachments.ts'
import { describeForSbom } from '../store/sbom/describe.ts'
import { packageList } from '../store/sbom/package-list.ts'
import type { Described } from '../store/sbom/purl.ts'
import { version } from './version.ts'

export interface AttachmentWish {
  readonly sbom: boolean
  readonly provenance: boolean
}

/** What is said of a built image besides the image. */
export interface BuildAttachments {
  /** For an image's manifest. */
  of(manifest: Digest, wish: AttachmentWish): Promise<readonly Attachment[]>
  /**
   * The same as files of a folder, about all that was written: STEM.cdx.json, .spdx.json, .manifest (a line for each package), and
   * .provenance.json. All or none. Throws 'exists' and 'io'.
   */
  write(where: AttachmentFiles, renditions: readonly Rendition[], wish: AttachmentWish): Promise<readonly string[]>
}

export interface AttachmentFiles {
  readonly folder: string
  readonly stem: string
  readonly force: boolean
}

/** Packages are looked up when they are first asked for; `warn` is told of databases that cannot be read. */
export function buildAttachments(
  recipe: Recipe,
  prepared: PreparedBuild,
  built: BuiltImage,
  warn: (message: string) => void,
): BuildAttachments {
  let packages: Promise<Described> | undefined
  async function describe(fingerprint: string): Promise<Described> {
    const { architecture, properties } = await built.metadata()
    const subject = { name: recipe.name, fingerprint, architecture, properties, created: built.epoch }
    packages ??= describeForSbom(subject, built, warn)
    return { ...(await packages), fingerprint }
  }
  const provenance = async (subjects: readonly Subject[]) =>
    await provenanceOf(recipe, prepared, { subjects, timeCeiling: built.epoch, version: version() })

  return {
    async of(manifest, wish) {
      const sha256 = digestHex(manifest)
      return [
        ...(wish.sbom ? sbomAttachments(await describe(sha256), version()) : []),
        ...(wish.provenance ? [await provenance([{ name: recipe.name, sha256 }])] : []),
      ]
    },
    async write({ folder, stem, force }, renditions, wish) {
      const contents: Record<string, Buffer> = {}
      if (wish.sbom) {
        const described = await describe(renditions.find(({ fingerprint }) => fingerprint)?.fingerprint ?? '')
        const [cycloneDx, spdx] = sbomAttachments(described, version())
        contents['cdx.json'] = cycloneDx.content
        contents['spdx.json'] = spdx.content
        contents.manifest = Buffer.from(packageList(described))
      }
      if (wish.provenance) contents['provenance.json'] = (await provenance(subjectsOf(renditions))).content
      const sink = fileSink({ out: `${folder}/`, defaultName: async () => stem, force })
      try {
        const written: string[] = []
        for (const [extension, content] of Object.entries(contents)) {
          const artifact = await sink.create({ extension: `.${extension}` })
          written.push((await artifact.write(memoryFile(content, extension).open())).path)
        }
        await sink.commit()
        return written
      } catch (error) {
        await sink.abort()
        throw error
      }
    },
  }
}

/** The manifest of what has one, and the files of the rest. */
function subjectsOf(renditions: readonly Rendition[]): readonly Subject[] {
  return renditions.flatMap(({ digest, names, format, files }) => {
    const manifest = digest === undefined ? [] : [{ name: names?.[0] ?? format, sha256: digestHex(digest) }]
    return [...manifest, ...files.map(({ path, sha256 }) => ({ name: basename(path), sha256 }))]
  })
}
