import { z } from 'zod'
import { strictMap } from '../fields.ts'

/**
 * `name`, `name:architecture`, `name=version`, `name/suite`, `name@repository`, `@group`: nothing that a package manager would take for
 * an option or a pattern.
 */
export const packageName = z
  .string()
  .regex(
    /^@?[A-Za-z0-9_][A-Za-z0-9_+.-]*(:[A-Za-z0-9_-]+)?([=/@][A-Za-z0-9_.+:~^-]+)?$/,
    'expected the name of a package, perhaps with =VERSION or /SUITE',
  )

const list = z.array(packageName)

/** Installs and removes packages with the image's own package manager; recommended ones only when asked for. */
export const packagesSchema = z.union([
  list.min(1, 'must not be empty').transform((install) => ({ install, remove: [] as string[], recommends: false })),
  strictMap({
    install: list.default([]),
    remove: list.default([]),
    recommends: z.boolean().default(false),
  }),
])
