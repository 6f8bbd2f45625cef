import { z } from 'zod'
import { strictMap, text } from '../fields.ts'

export const imageForms = ['oci', 'oci-archive', 'docker-archive', 'lxd'] as const

/** An image in a file or folder. */
export interface ImageBase {
  readonly kind: 'image'
  /** The prefix of its reference: `oci`, `lxd` … */
  readonly form: (typeof imageForms)[number]
  /** What follows it: a path, or two, relative to the recipe's folder, and perhaps a name. */
  readonly path: string
  /** What it must be, in hexadecimal digits: the digest of an OCI image's manifest, of others the SHA-256 of the files, one after the other. */
  readonly sha256: string | undefined
}

/** An image of the store. */
export interface StoreBase {
  readonly kind: 'store'
  /** An alias, or the beginning of a fingerprint. */
  readonly name: string
  /** What it must be. */
  readonly fingerprint: string | undefined
}

const hex = /^[0-9a-f]{64}$/
const sha256 = z.string().regex(hex, 'expected 64 hexadecimal digits').optional()
const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'expected a digest: sha256: and 64 hexadecimal digits')
  .optional()
  .describe('What the manifest must be')
const file = text.describe('Relative to the folder of the recipe')

export const imageBaseForms = [
  strictMap({ oci: file, digest }).transform(({ oci, digest }) => shortImage('oci', oci, digest)),
  strictMap({ 'oci-archive': file, digest }).transform((given) =>
    shortImage('oci-archive', given['oci-archive'], given.digest),
  ),
  strictMap({ 'docker-archive': file, sha256: sha256.describe('What the file must be') }).transform((given) =>
    shortImage('docker-archive', given['docker-archive'], given.sha256),
  ),
  strictMap({
    lxd: file,
    sha256: sha256.describe('What the file or files must be: the fingerprint that LXD says'),
  }).transform((given) => shortImage('lxd', given.lxd, given.sha256)),
] as const

export const storeForm = strictMap({
  image: text.describe('Alias, or beginning of a fingerprint'),
  fingerprint: sha256.describe('What the image must be'),
}).transform(({ image, fingerprint }) => shortStore(image, fingerprint))

export function shortImage(form: ImageBase['form'], path: string, digest?: string): ImageBase {
  return { kind: 'image', form, path, sha256: digest?.replace(/^sha256:/, '') }
}

export function shortStore(name: string, fingerprint?: string): StoreBase {
  return { kind: 'store', name, fingerprint }
}
