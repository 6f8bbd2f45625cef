import { z } from 'zod'
import { imagePath, strictMap } from '../fields.ts'

/** What useradd(8) takes for the name of a user or group. */
export const accountName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'expected a name of small letters, digits, - and _, at most 32')
export const accountId = z.int('expected a number').min(0, 'must not be negative').max(4_294_967_294, 'is too large')

const full = strictMap({
  name: accountName,
  uid: accountId.optional(),
  group: accountName.optional().describe('Primary group; default: one of the same name'),
  groups: z.array(accountName).default([]).describe('Further groups'),
  home: imagePath.optional(),
  shell: imagePath.optional(),
  comment: z
    .string()
    .regex(/^[^:\n]*$/, 'must not contain : or a line end')
    .optional(),
  system: z.boolean().default(false).describe('An account of a service: no home unless one is given'),
  password: z
    .string()
    .regex(
      /^(\$[a-z0-9]+\$[^:\s]+|[!*]+)$/,
      'expected a hash, as `openssl passwd -6` prints it: recipes are no place for passwords',
    )
    .optional(),
  'authorized-keys': z
    .array(z.string().regex(/^[^\n]+$/, 'expected one key'))
    .default([])
    .describe('Public keys for ~/.ssh/authorized_keys'),
})

/** Adds a user with the image's own useradd. */
export const userSchema = z.union([accountName.transform((name) => full.parse({ name })), full])
