import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'

/** The real path of `from`, which must be inside the recipe's folder also after its links were followed. */
export function insideFolder(folder: string, from: string): string {
  const wanted = resolve(folder, from)
  let real: string
  try {
    real = realpathSync(wanted)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw new IngotError('not-found', `there is no ${from} beside the recipe`)
    throw ioError(`read ${wanted}`, error)
  }
  const top = realpathSync(folder)
  if (real === top || real.startsWith(`${top}/`)) return real
  throw new IngotError('usage', `cannot take ${from}: it is outside the folder of the recipe`, {
    hint: 'Only what is beside the recipe can be used, so that the recipe can be moved with all it needs.',
  })
}
