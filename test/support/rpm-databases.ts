import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What a tag of a header holds: text, one of several languages, or a number. */
export type RpmValue = string | { readonly i18n: string } | number

/** A header as rpm's databases have it, of tags and their values. */
export function rpmHeader(values: Readonly<Record<number, RpmValue>>): Buffer {
  const index: Buffer[] = []
  const data: Buffer[] = []
  let offset = 0
  for (const [tag, value] of Object.entries(values)) {
    if (typeof value === 'number') {
      data.push(Buffer.alloc((4 - (offset % 4)) % 4))
      offset += data.at(-1)!.length
    }
    const bytes = Buffer.alloc(4)
    if (typeof value === 'number') bytes.writeUInt32BE(value)
    const content =
      typeof value === 'number' ? bytes : Buffer.from(`${typeof value === 'string' ? value : value.i18n}\0`)
    const entry = Buffer.alloc(16)
    entry.writeUInt32BE(Number(tag), 0)
    entry.writeUInt32BE(typeof value === 'number' ? 4 : typeof value === 'string' ? 6 : 9, 4)
    entry.writeUInt32BE(offset, 8)
    entry.writeUInt32BE(1, 12)
    index.push(entry)
    data.push(content)
    offset += content.length
  }
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32BE(index.length, 0)
  sizes.writeUInt32BE(offset, 4)
  return Buffer.concat([sizes, ...index, ...data])
}

export function rpmPackage(name: string, more: Readonly<Record<number, RpmValue>> = {}): Buffer {
  return rpmHeader({ 1000: name, 1001: '1.2', 1002: '3', ...more })
}

interface SqliteFiles {
  readonly file: Buffer
  readonly log: Buffer
}

/** rpmdb.sqlite as rpm makes it, and its log while it is written: `later` is in the log alone. */
export function rpmSqlite(headers: readonly Buffer[], later: readonly Buffer[] = []): SqliteFiles {
  const folder = mkdtempSync(join(tmpdir(), 'rpm-sqlite-'))
  const path = join(folder, 'rpmdb.sqlite')
  const database = new DatabaseSync(path)
  try {
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)",
    )
    const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)')
    for (const header of headers) insert.run(header)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    for (const header of later) insert.run(header)
    return { file: readFileSync(path), log: readFileSync(`${path}-wal`) }
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
}

/** Packages.db, after rpm's lib/backend/ndb/rpmpkg.c. */
export function rpmNdb(headers: readonly Buffer[]): Buffer {
  const page = Buffer.alloc(4096)
  for (let at = 0; at < page.length; at += 16) page.write('Slot', at, 'latin1')
  page.fill(0, 0, 32)
  page.write('RpmP', 0, 'latin1')
  page.writeUInt32LE(1, 12)
  const blobs: Buffer[] = []
  let block = page.length / 16
  for (const [number, header] of headers.entries()) {
    const blocks = Math.ceil((16 + header.length + 12) / 16)
    const blob = Buffer.alloc(blocks * 16)
    blob.write('BlbS', 0, 'latin1')
    blob.writeUInt32LE(number + 1, 4)
    blob.writeUInt32LE(header.length, 12)
    header.copy(blob, 16)
    const slot = 32 + 16 * number
    page.writeUInt32LE(number + 1, slot + 4)
    page.writeUInt32LE(block, slot + 8)
    page.writeUInt32LE(blocks, slot + 12)
    blobs.push(blob)
    block += blocks
  }
  return Buffer.concat([page, ...blobs])
}
