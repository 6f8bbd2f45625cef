import { z } from 'zod'
import type { RunConfig } from '../image/metadata.ts'
import { environment, imagePath, strictMap, text, textMap } from './fields.ts'

const port = z.union([
  z.int('expected the number of a port').min(1, 'ports begin at 1').max(65535, 'ports end at 65535').transform(String),
  z.string().regex(/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/, 'expected a port like 8080/tcp'),
])

/** How a container of the image is run, in Docker's words. */
export const runConfigSchema = strictMap({
  entrypoint: z.array(text).optional(),
  cmd: z.array(text).optional(),
  env: environment.optional(),
  user: text.optional(),
  workdir: imagePath.optional(),
  ports: z.array(port).optional(),
  volumes: z.array(imagePath).optional(),
  labels: textMap.optional(),
  'stop-signal': z
    .string()
    .regex(/^(SIG[A-Z0-9]+([+-]\d+)?|\d+)$/, 'expected the name of a signal, like SIGTERM or SIGRTMIN+3')
    .optional(),
}).transform((value): RunConfig => {
  const { env, ports, 'stop-signal': stopSignal, ...same } = value
  const given = {
    ...same,
    env: env && Object.entries(env).map(([name, content]) => `${name}=${content}`),
    ports: ports?.map((name) => (name.includes('/') ? name : `${name}/tcp`)),
    stopSignal,
  }
  return Object.fromEntries(Object.entries(given).filter(([, content]) => content !== undefined))
})
