import { z } from 'zod'
import { imagePath, strictMap } from '../fields.ts'

/** Sets a program's file capabilities, as setcap(8) does. */
export const capabilitiesSchema = strictMap({
  path: imagePath,
  set: z
    .string()
    .regex(
      /^(cap_[a-z_]+(,cap_[a-z_]+)*[+=-][eip]*)( cap_[a-z_]+(,cap_[a-z_]+)*[+=-][eip]*)*$/,
      'expected capabilities as setcap takes them, like cap_net_raw+ep',
    ),
})
