import * as z from 'zod'
import { formatDocument } from './documents.ts'

/** manifest.json of a Docker archive: what everything else is found by, never by path patterns. */
export const dockerManifestDocument = z.array(
  z.object({
    Config: z.string().min(1),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string().min(1)).nullish(),
  }),
)
export type DockerManifestItem = z.infer<typeof dockerManifestDocument>[number]

export interface DockerManifestImage {
  /** Paths in the archive. */
  readonly config: string
  readonly layers: readonly string[]
  /** `name:tag` */
  readonly names: readonly string[]
}

/** Writes manifest.json; an image without names has `RepoTags: null`, as docker writes it. */
export function formatDockerManifest(images: readonly DockerManifestImage[]): Buffer {
  return formatDocument(
    images.map(({ config, names, layers }) => {
      return { Config: config, RepoTags: names.length > 0 ? names : null, Layers: layers }
    }),
  )
}
