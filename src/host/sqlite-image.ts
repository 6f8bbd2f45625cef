import { DatabaseSync } from 'node:sqlite'

const magic = 'SQLite format 3\0'

/**
 * A SQLite database in memory from the bytes of its file and of its write-ahead log, where there is one
 * (sqlite.org/fileformat2.html). Neither need be trusted. Throws what SQLite throws for what is no database.
 */
export function openSqliteImage(file: Buffer, log: Buffer = Buffer.alloc(0)): DatabaseSync {
  if (file.length < 100 || file.toString('latin1', 0, magic.length) !== magic)
    throw new Error('it is no SQLite database')
  const whole = withLog(file, log)
  // In memory there are no logs: versions to write and to read become those of a database without one.
  whole.fill(1, 18, 20)
  const database = new DatabaseSync(':memory:')
  try {
    database.deserialize(whole)
    database.enableDefensive(true)
    database.exec('PRAGMA trusted_schema = OFF')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The file with the pages of the log's committed transactions, in a buffer of its own. */
function withLog(file: Buffer, log: Buffer): Buffer<ArrayBuffer> {
  const pageSize = log.length < 32 ? 0 : log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  const pending = new Map<number, Buffer>()
  const pages = new Map<number, Buffer>()
  let size = file.length
  if (pageSize >= 512 && pageSize <= 65_536) {
    for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
      if (!log.subarray(at + 8, at + 16).equals(salt)) break
      pending.set(log.readUInt32BE(at), log.subarray(at + 24, at + 24 + pageSize))
      const committed = log.readUInt32BE(at + 4)
      if (committed === 0) continue
      for (const [number, page] of pending) pages.set(number, page)
      pending.clear()
      size = committed * pageSize
    }
  }
  // A page of a file that has none before it is a hole; more of them than there are bytes is nonsense.
  const whole = Buffer.alloc(Math.min(size, file.length + log.length))
  file.copy(whole)
  for (const [number, page] of pages) if (number > 0) page.copy(whole, Math.min((number - 1) * pageSize, whole.length))
  return whole
}
