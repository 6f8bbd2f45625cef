import { z } from 'zod'
import { strictMap } from '../fields.ts'
import { accountId, accountName } from './user.ts'

const full = strictMap({ name: accountName, gid: accountId.optional(), system: z.boolean().default(false) })

/** Adds a group with the image's own groupadd. */
export const groupSchema = z.union([accountName.transform((name) => full.parse({ name })), full])
