import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IngotError, ioError } from '../../../image/error.ts'

/**
 * The newest `Date` of the Release files in a folder of apt lists (Debian wiki, RepositoryFormat), in seconds since the
 * epoch: no package in those lists can be newer. Throws 'bad-input' when there is none.
 */
export function archiveDate(lists: string): number {
  let newest: number | undefined
  for (const name of readdirSync(lists)) {
    if (!/_(In)?Release$/.test(name)) continue
    const date = dateField(readRelease(join(lists, name)))
    if (date !== undefined && (newest === undefined || date > newest)) newest = date
  }
  if (newest !== undefined) return newest
  throw new IngotError('bad-input', 'no Release file of the archive has a date, and the image needs one', {
    hint: 'Set SOURCE_DATE_EPOCH.',
  })
}

function dateField(release: string): number | undefined {
  const text = /^Date: *(.+)$/m.exec(release)?.[1]
  const date = Date.parse(text ?? '')
  return Number.isFinite(date) ? Math.floor(date / 1000) : undefined
}

function readRelease(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw ioError(`read ${path}`, error)
  }
}
