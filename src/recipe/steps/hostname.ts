import { z } from 'zod'

/** Writes /etc/hostname, and the name into /etc/hosts where that is. */
export const hostnameSchema = z
  .string()
  .regex(
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    'expected the name of a host: letters, digits, - and .',
  )
