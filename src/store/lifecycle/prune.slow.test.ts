import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addRecords } from '../../../test/support/catalog.ts'
import { imageRecord } from '../../../test/support/image-record.ts'
import { ownFolder, withStore } from '../../../test/support/store.ts'
import { prune } from './prune.ts'

const now = 1_900_000_000
const long = now - 100 * 86_400

test('more images than a statement has parameters', async () => {
  await withStore(join(ownFolder('prune-many'), 'home'), async (store) => {
    await addRecords(store, [imageRecord('stays')])
    const columns = 'format, type, architecture, size, public, auto_update, uploaded_at, file_name, properties'
    store.database.exec(
      `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 33000)
       INSERT INTO images (fingerprint, cached, last_used_at, ${columns})
         SELECT printf('%064x', n), 1, ${long}, ${columns} FROM numbers, images WHERE images.id = 1;
       INSERT INTO renditions (image_id, key, format, made_at) SELECT id, 'primary', format, 1 FROM images WHERE id > 1;
       INSERT INTO renditions (image_id, key, format, made_at) SELECT 1, n.id, 'docker', 1 FROM images n WHERE id > 1;
       INSERT INTO rendition_files SELECT id, 0, 'file', '', '', 'sha256:' || printf('%064x', id), 1 FROM renditions WHERE id > 1`,
    )
    const { removed, bytes } = await prune(store, { now })
    expect(removed).toHaveLength(66_000)
    expect(bytes).toBe(66_000)
    expect(store.database.prepare('SELECT count(*) AS images FROM images').get()).toEqual({ images: 1 })
    expect(store.database.prepare('SELECT count(*) AS files FROM rendition_files').get()).toEqual({ files: 1 })
    expect(store.database.prepare('SELECT count(*) AS blobs FROM unsettled_blobs').get()).toEqual({ blobs: 0 })
  })
})
