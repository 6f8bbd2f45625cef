import { z } from 'zod'
import { strictMap, text } from '../fields.ts'

/** A repository of RPM packages (dnf.conf(5)); URLs may have $releasever and $basearch. */
export interface RpmRepository {
  readonly id: string
  /** Where it is, or where that is said. */
  readonly from: { readonly baseurl: string } | { readonly metalink: string }
  /** URL, or file relative to the recipe's folder; undefined: packages are taken without a signature. */
  readonly gpgkey: string | undefined
}

/** A root made of RPM packages. */
export interface DnfBase {
  readonly kind: 'dnf'
  /** For people, and to know the repositories by: `fedora`. */
  readonly distribution: string
  /** $releasever: `40`. */
  readonly release: string
  /** Undefined: those of the distribution. */
  readonly repositories: readonly RpmRepository[] | undefined
  readonly packages: readonly string[]
}

const named = /^([a-z][a-z0-9-]*)\/([A-Za-z0-9][A-Za-z0-9.-]*)$/
const url = /^(https?|file):\/\/\S+$/
/** Distributions whose repositories are known (build/bases/dnf). */
const known = ['fedora']

const repository = strictMap({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'expected a name of letters, digits, _ . and -'),
  baseurl: z.string().regex(url, 'expected a URL').optional(),
  metalink: z.string().regex(url, 'expected a URL').optional(),
  gpgkey: text.optional().describe('Key of its packages: a file, relative to the folder of the recipe, or a URL'),
  gpgcheck: z.boolean().default(true).describe('false: packages are taken without a signature'),
})
  .refine(({ baseurl, metalink }) => (baseurl === undefined) !== (metalink === undefined), {
    error: 'a repository has either baseurl or metalink',
  })
  .refine(({ gpgkey, gpgcheck }) => gpgcheck === (gpgkey !== undefined), {
    error: 'a repository has a gpgkey, or gpgcheck: false',
  })
  .transform(
    ({ id, baseurl, metalink, gpgkey }): RpmRepository => ({
      id,
      from: baseurl === undefined ? { metalink: metalink! } : { baseurl },
      gpgkey,
    }),
  )

export const dnfForm = strictMap({
  dnf: z.string().regex(named, 'expected DISTRIBUTION/RELEASE, like fedora/40'),
  repositories: z.array(repository).min(1, 'must not be empty').optional(),
  packages: z
    .array(z.string().regex(/^@?[A-Za-z0-9][A-Za-z0-9_+.-]*$/, 'expected the name of a package, or a @group'))
    .min(1, 'must not be empty')
    .default(['@core']),
})
  .refine(({ dnf, repositories }) => repositories !== undefined || known.includes(dnf.split('/')[0]!), {
    error: `only the repositories of ${known.join(', ')} are known: name those of others`,
    path: ['repositories'],
  })
  .transform(({ dnf, repositories, packages }): DnfBase => {
    const [, distribution, release] = named.exec(dnf)!
    return { kind: 'dnf', distribution: distribution!, release: release!, repositories, packages }
  })

export function shortDnf(rest: string): DnfBase | string {
  const parsed = dnfForm.safeParse({ dnf: rest })
  return parsed.success ? parsed.data : parsed.error.issues[0]!.message
}
