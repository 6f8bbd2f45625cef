import { z } from 'zod'
import { didYouMean } from '../image/suggest.ts'
import { strictMap, text } from './fields.ts'
import { packageName } from './steps/packages.ts'

/** A fresh bootstrap of a distribution. */
export interface DebootstrapBase {
  readonly kind: 'debootstrap'
  readonly distribution: 'debian'
  readonly suite: string
  /** URL of the archive; undefined: the bootstrap program's own default. */
  readonly mirror: string | undefined
  readonly components: readonly string[]
  readonly variant: (typeof variants)[number]
  /** Keyring file, relative to the recipe's folder; undefined: the host's own. */
  readonly keyring: string | undefined
  /** Installed with the base system. */
  readonly packages: readonly string[]
}

/** A root file system in an archive or squashfs. */
export interface RootfsBase {
  readonly kind: 'rootfs'
  /** Relative to the recipe's folder; or a URL. */
  readonly file: string
  /** What the file must be, in hexadecimal digits; of a URL always. */
  readonly sha256: string | undefined
}

/** A root file system in a directory. */
export interface DirBase {
  readonly kind: 'dir'
  /** Relative to the recipe's folder. */
  readonly path: string
}

/** An image in a file or folder. */
export interface ImageBase {
  readonly kind: 'image'
  /** The prefix of its reference: `oci`, `lxd` … */
  readonly form: (typeof imageForms)[number]
  /** What follows it: a path, or two, relative to the recipe's folder, and perhaps a name. */
  readonly path: string
}

/** An image of the store. */
export interface StoreBase {
  readonly kind: 'store'
  /** An alias, or the beginning of a fingerprint. */
  readonly name: string
}

/** Nothing at all. */
export interface ScratchBase {
  readonly kind: 'scratch'
}

export type Base = DebootstrapBase | RootfsBase | DirBase | ImageBase | StoreBase | ScratchBase

const imageForms = ['oci', 'oci-archive', 'docker-archive', 'lxd'] as const

const variants = ['minbase', 'apt', 'important', 'standard', 'essential', 'required', 'buildd'] as const
const suitePattern = /^(debian)\/([a-z][a-z0-9-]*)$/
const suiteExpected = 'expected debian/SUITE, like debian/bookworm'
const suite = z.string().regex(suitePattern, suiteExpected)

const debootstrap = strictMap({
  debootstrap: suite.describe('debian/SUITE'),
  mirror: z
    .string()
    .regex(/^(https?|file|copy):\/\/\S+$/, 'expected the URL of an archive, like https://HOST/debian')
    .optional(),
  components: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected the name of a component, like main'))
    .min(1, 'must not be empty')
    .default(['main']),
  variant: z.enum(variants, { error: () => `expected one of ${variants.join(', ')}` }).default('minbase'),
  keyring: text.optional(),
  packages: z.array(packageName).default([]),
}).transform((value): DebootstrapBase => {
  const { debootstrap: name, ...rest } = value
  return { kind: 'debootstrap', ...parseSuite(name), ...rest, mirror: value.mirror, keyring: value.keyring }
})

const url = /^https?:\/\//
const rootfs = strictMap({
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
const dir = strictMap({ dir: text }).transform(({ dir: path }): DirBase => ({ kind: 'dir', path }))

const schemes = ['debootstrap', 'rootfs', 'dir', ...imageForms, 'image'] as const
const forms =
  'expected debootstrap:debian/SUITE, rootfs:FILE, dir:PATH, oci:DIR, oci-archive:FILE, docker-archive:FILE, lxd:FILE, image:ALIAS or scratch'

const short = z
  .string()
  .meta({ examples: ['debootstrap:debian/bookworm', 'rootfs:FILE', 'dir:PATH', 'oci:DIR', 'image:ALIAS', 'scratch'] })
  .transform((value, context): Base => {
    const fail = (message: string): never => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    if (value === 'scratch') return { kind: 'scratch' }
    const colon = value.indexOf(':')
    if (colon < 0) return fail(`${JSON.stringify(value)} is no base${didYouMean(value, ['scratch'])}; ${forms}`)
    const scheme = value.slice(0, colon)
    const rest = value.slice(colon + 1)
    if (rest === '') return fail(`something must follow ${scheme}:; ${forms}`)
    switch (scheme) {
      case 'debootstrap':
        return suitePattern.test(rest) ? debootstrap.parse({ debootstrap: rest }) : fail(suiteExpected)
      case 'rootfs':
        if (url.test(rest)) return fail(`a URL needs its digest: from: { rootfs: "${rest}", sha256: … }`)
        return { kind: 'rootfs', file: rest, sha256: undefined }
      case 'dir':
        return { kind: 'dir', path: rest }
      case 'oci':
      case 'oci-archive':
      case 'docker-archive':
      case 'lxd':
        return { kind: 'image', form: scheme, path: rest }
      case 'image':
        return { kind: 'store', name: rest }
      default:
        return fail(`bases of the kind ${JSON.stringify(scheme)} are not known${didYouMean(scheme, schemes)}; ${forms}`)
    }
  })

/** What an image starts from: text like `debootstrap:debian/bookworm`, or a map whose first key is the kind. */
export const baseSchema = z.union([short, debootstrap, rootfs, dir])

function parseSuite(name: string): Pick<DebootstrapBase, 'distribution' | 'suite'> {
  const match = suitePattern.exec(name)!
  return { distribution: match[1] as 'debian', suite: match[2]! }
}
