import { z } from 'zod'
import { didYouMean } from '../../image/suggest.ts'
import { type BlockBase, blockForm, shortBlock } from './block.ts'
import { type DebootstrapBase, debootstrapForm, shortDebootstrap } from './debootstrap.ts'
import { type DirBase, dirForm, shortDir } from './dir.ts'
import { type DnfBase, dnfForm, shortDnf } from './dnf.ts'
import { type DockerfileBase, dockerfileForm, shortDockerfile } from './dockerfile.ts'
import {
  type ImageBase,
  imageBaseForms,
  imageForms,
  type StoreBase,
  shortImage,
  shortStore,
  storeForm,
} from './image.ts'
import { type PacstrapBase, pacstrapForm, shortPacstrap } from './pacstrap.ts'
import { type RootfsBase, rootfsForm, shortRootfs } from './rootfs.ts'

/** Nothing at all. */
export interface ScratchBase {
  readonly kind: 'scratch'
}

export type Base =
  | DebootstrapBase
  | RootfsBase
  | DirBase
  | ImageBase
  | StoreBase
  | DockerfileBase
  | BlockBase
  | DnfBase
  | PacstrapBase
  | ScratchBase

/** By what stands before the colon: the base that the rest of the text says, or what is wrong with it. */
const shortForms: Readonly<Record<string, (rest: string) => Base | string>> = {
  debootstrap: shortDebootstrap,
  rootfs: shortRootfs,
  dir: shortDir,
  ...Object.fromEntries(imageForms.map((form) => [form, (path: string) => shortImage(form, path)])),
  image: (name) => shortStore(name),
  dockerfile: shortDockerfile,
  block: shortBlock,
  dnf: shortDnf,
  pacstrap: shortPacstrap,
}

const forms =
  'expected debootstrap:DISTRIBUTION/SUITE, rootfs:FILE, dir:PATH, oci:DIR, oci-archive:FILE, docker-archive:FILE, lxd:FILE, image:ALIAS, dockerfile:FILE, block:DEVICE, dnf:fedora/RELEASE, pacstrap:arch or scratch'

const short = z
  .string()
  .meta({
    examples: [
      'debootstrap:debian/bookworm',
      'rootfs:FILE',
      'dir:PATH',
      'oci:DIR',
      'image:ALIAS',
      'dockerfile:FILE',
      'block:DEVICE',
      'scratch',
    ],
  })
  .transform((value, context): Base => {
    const base = readShort(value)
    if (typeof base !== 'string') return base
    context.addIssue({ code: 'custom', message: base })
    return z.NEVER
  })

function readShort(value: string): Base | string {
  if (value === 'scratch') return { kind: 'scratch' }
  const colon = value.indexOf(':')
  if (colon < 0) return `${JSON.stringify(value)} is no base${didYouMean(value, ['scratch'])}; ${forms}`
  const scheme = value.slice(0, colon)
  const rest = value.slice(colon + 1)
  if (rest === '') return `something must follow ${scheme}:; ${forms}`
  if (Object.hasOwn(shortForms, scheme)) return shortForms[scheme]!(rest)
  const near = didYouMean(scheme, Object.keys(shortForms))
  return `bases of the kind ${JSON.stringify(scheme)} are not known${near}; ${forms}`
}

/** What an image starts from: text like `debootstrap:debian/bookworm`, or a map whose first key is the kind. */
export const baseSchema = z.union([
  short,
  debootstrapForm,
  rootfsForm,
  dirForm,
  ...imageBaseForms,
  storeForm,
  dockerfileForm,
  blockForm,
  dnfForm,
  pacstrapForm,
])
