import type { Kysely } from 'kysely'

/**
 * How wide aliases and descriptions are on a terminal, so that SQLite can line up those that are not ASCII. With that `listed` has a new
 * meaning, and `listed_key` is in the order of UTF-8: all are made anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of ['listed_alias_width', 'listed_description_width'] as const)
    await db.schema.alterTable('images').addColumn(name, 'integer').execute()
  await db.schema.dropIndex('images_listed').execute()
  await db.schema
    .createIndex('images_listed')
    .on('images')
    .columns(['listed_key', 'listed', 'expires_at', 'listed_alias', 'listed_alias_width', 'fingerprint', 'public'])
    .columns(['description', 'listed_description_width', 'architecture', 'type', 'listed_size', 'listed_date'])
    .execute()
  const { sql } = await import('kysely') // every list asks which versions there are, and does without it
  await sql.raw('UPDATE images SET listed = NULL').execute(db)
}
