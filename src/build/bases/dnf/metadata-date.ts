import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { IngotError } from '../../../image/error.ts'

/**
 * The newest date of the repositories in dnf's cache (`repomd.xml`: when each list was made), in seconds since the epoch: no package in
 * them can be newer. Throws 'bad-input' when there is none.
 */
export async function metadataDate(cache: string): Promise<number> {
  const names = (await readdir(cache, { recursive: true })).filter((name) => name.endsWith('/repomd.xml'))
  const times = names.flatMap((name) => {
    const text = readFileSync(join(cache, name), 'utf8')
    return [...text.matchAll(/<timestamp>(\d+)(?:\.\d+)?<\/timestamp>/g)].map((match) => Number(match[1]))
  })
  if (times.length > 0) return Math.max(...times)
  throw new IngotError('bad-input', 'no repository has a date, and the image needs one', {
    hint: 'Set SOURCE_DATE_EPOCH.',
  })
}
