import { z } from 'zod'

/** Sets the time zone by its name in the tz database. */
export const timezoneSchema = z
  .string()
  .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'expected the name of a time zone, like Europe/Berlin')
