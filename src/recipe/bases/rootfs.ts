import { z } from 'zod'
import { strictMap, text } from '../fields.ts'

/** A root file system in an archive or squashfs. */
export interface RootfsBase {
  readonly kind: 'rootfs'
  /** Relative to the recipe's folder; or a URL. */
  readonly file: string
  /** What the file must be, in hexadecimal digits; of a URL always. */
  readonly sha256: string | undefined
}

const url = /^https?:\/\//

export const rootfsForm = strictMap({
  rootfs: text.describe('File, relative to the folder of the recipe, or URL'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
    .optional()
    .describe('What the file must be; of a URL always'),
})
  .refine(({ rootfs: file, sha256 }) => !url.test(file) || sha256 !== undefined, {
    error: 'a URL needs sha256: what is there may change, and whoever is in between may change it',
    path: ['sha256'],
  })
  .transform(({ rootfs: file, sha256 }): RootfsBase => ({ kind: 'rootfs', file, sha256 }))

export function shortRootfs(rest: string): RootfsBase | string {
  if (url.test(rest)) return `a URL needs its digest: from: { rootfs: "${rest}", sha256: … }`
  return { kind: 'rootfs', file: rest, sha256: undefined }
}
