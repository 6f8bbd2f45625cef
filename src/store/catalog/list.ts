import type { DatabaseSync } from 'node:sqlite'
import type { ImageAlias, ImageRecord } from './image-record.ts'
import { type ImageRow, recordOf } from './rows.ts'
import { explaining } from './sqlite.ts'

/**
 * All images, without the query builder: loading that takes longer than listing 10,000 images (docs/decisions/0009). One moment's
 * state, in the order in which they came.
 */
export function listImages(database: DatabaseSync): readonly ImageRecord[] {
  return explaining(database.location() ?? 'catalog', () => {
    database.exec('BEGIN')
    try {
      const aliases = new Map<number, ImageAlias[]>()
      const names = database.prepare('SELECT image_id, name, description FROM aliases ORDER BY name').all()
      for (const { image_id, name, description } of names) {
        const alias = { name: String(name), description: String(description) }
        const list = aliases.get(Number(image_id))
        if (list) list.push(alias)
        else aliases.set(Number(image_id), [alias])
      }
      const rows = database.prepare('SELECT * FROM images ORDER BY id').all() as unknown as ImageRow[]
      return rows.map((row) => recordOf(row, aliases.get(row.id) ?? []))
    } finally {
      database.exec('COMMIT')
    }
  })
}
