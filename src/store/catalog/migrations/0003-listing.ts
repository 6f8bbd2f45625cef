import type { Kysely } from 'kysely'

/**
 * What lists of many images show and sort by, ready in an index: to make it of the rows of images and aliases is most of the time that
 * such a list takes. `listed` is null where it has to be made anew (catalog/listing.ts): of new images, and whenever what it is made of
 * changes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('images').addColumn('listed', 'integer').execute()
  for (const name of ['listed_alias', 'listed_size', 'listed_date'] as const)
    await db.schema.alterTable('images').addColumn(name, 'text').execute()
  await db.schema.alterTable('images').addColumn('listed_key', 'blob').execute()
  const { sql } = await import('kysely') // every list asks which versions there are, and does without it
  const run = (statement: string) => sql.raw(statement).execute(db)

  const texts = 'listed_alias, fingerprint, public, description, architecture, type, listed_size, listed_date'
  await run(`CREATE INDEX images_listed ON images (listed_key, listed, expires_at, ${texts})`)
  await run('CREATE INDEX images_unlisted ON images (id) WHERE listed IS NULL')

  const unlist = (ids: string) =>
    `BEGIN UPDATE images SET listed = NULL WHERE id IN (${ids}) AND listed IS NOT NULL; END`
  await run(`CREATE TRIGGER alias_added AFTER INSERT ON aliases ${unlist('NEW.image_id')}`)
  await run(`CREATE TRIGGER alias_deleted AFTER DELETE ON aliases ${unlist('OLD.image_id')}`)
  await run(
    `CREATE TRIGGER alias_changed AFTER UPDATE OF name, image_id ON aliases ${unlist('OLD.image_id, NEW.image_id')}`,
  )
  const checked = 'fingerprint, type, architecture, size, uploaded_at, description'
  await run(`CREATE TRIGGER image_changed AFTER UPDATE OF ${checked} ON images ${unlist('NEW.id')}`)
}
