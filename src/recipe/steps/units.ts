import { z } from 'zod'

const unit = z.string().regex(/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/, 'expected the name of a unit, like ssh.service')

/** Services to enable or to mask; `.service` may be left off. */
export const unitsSchema = z.union([unit.transform((name) => [name]), z.array(unit).min(1, 'must not be empty')])
