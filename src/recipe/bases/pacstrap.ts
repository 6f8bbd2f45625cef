import { z } from 'zod'
import { strictMap, text } from '../fields.ts'

/** A root made of pacman's packages. */
export interface PacstrapBase {
  readonly kind: 'pacstrap'
  /** For people: `arch`. */
  readonly distribution: string
  /** URL with $repo and $arch; undefined: Arch Linux's own. */
  readonly mirror: string | undefined
  /** The day of Arch Linux's archive that is wanted: `2026-11-01`. */
  readonly snapshot: string | undefined
  /** In the order in which they are looked through. */
  readonly repositories: readonly string[]
  /** False: packages are taken without a signature. */
  readonly signatures: boolean
  /** File of the keys that are trusted, relative to the recipe's folder; undefined: Arch Linux's own, as the host has them. */
  readonly keyring: string | undefined
  readonly packages: readonly string[]
}

const name = z.string().regex(/^[a-z0-9@_+][a-z0-9@._+-]*$/, 'expected the name of a package or group')

export const pacstrapForm = strictMap({
  pacstrap: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected the name of a distribution, like arch'),
  mirror: z
    .string()
    .regex(/^(https?|file):\/\/\S+$/, 'expected a URL, like https://HOST/$repo/os/$arch')
    .optional(),
  snapshot: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'expected a date, like 2026-11-01')
    .optional()
    .describe('Arch Linux’s archive as it was that day'),
  repositories: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected the name of a repository, like core'))
    .min(1, 'must not be empty')
    .default(['core', 'extra']),
  signatures: z.boolean().default(true).describe('false: packages are taken without a signature'),
  keyring: text.optional().describe('Keys that are trusted; default: those of Arch Linux'),
  packages: z.array(name).min(1, 'must not be empty').default(['base']),
})
  .refine(({ pacstrap, mirror }) => pacstrap === 'arch' || mirror !== undefined, {
    error: 'only the mirror of arch is known: name that of others',
    path: ['mirror'],
  })
  .refine(({ mirror, snapshot }) => mirror === undefined || snapshot === undefined, {
    error: 'a snapshot is one of Arch Linux’s own archive: a mirror has none',
    path: ['snapshot'],
  })
  .transform(
    ({ pacstrap: distribution, ...rest }): PacstrapBase => ({
      kind: 'pacstrap',
      distribution,
      mirror: rest.mirror,
      snapshot: rest.snapshot,
      repositories: rest.repositories,
      signatures: rest.signatures,
      keyring: rest.keyring,
      packages: rest.packages,
    }),
  )

export function shortPacstrap(pacstrap: string): PacstrapBase | string {
  const parsed = pacstrapForm.safeParse({ pacstrap })
  return parsed.success ? parsed.data : parsed.error.issues[0]!.message
}
