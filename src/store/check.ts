import { withFolderLock } from '../host/lock.ts'
import { removeTree } from '../host/remove-tree.ts'
import { removeDeadWorkFolders } from '../host/work-folder.ts'
import type { Digest } from '../image/digest.ts'
import { messageOf } from '../image/error.ts'
import type { Catalog } from './catalog/open.ts'
import { recordOf } from './catalog/rows.ts'
import { explaining } from './catalog/sqlite.ts'
import { removeImages } from './delete.ts'
import { leftBehind } from './move.ts'
import { type Store, storeFolders } from './store.ts'
import { removeWith } from './unsettled.ts'

/** Something that is not as it should be. */
export interface Finding {
  readonly kind: 'catalog' | 'image' | 'rendition' | 'leftover'
  readonly text: string
  /** Puts it right; absent where nothing can. */
  readonly repair?: () => Promise<void>
}

export interface CheckOptions {
  /** Images whose own files are damaged or gone can be removed. */
  readonly removeDamaged?: boolean
}

/**
 * Compares the catalog with the blobs that are there, by name and size (`verifyImages` reads them), and looks for what killed
 * processes have left. With `repair` puts right what can be: leftovers go, renditions that can be made again too. Other processes
 * wait meanwhile.
 */
export async function checkStore(
  store: Store,
  repair: boolean,
  options: CheckOptions = {},
): Promise<readonly Finding[]> {
  return await store.exclusively(async (catalog) => {
    const findings = [
      ...databaseFindings(store),
      ...(await imageFindings(store, catalog, options)),
      ...(await blobFindings(store, catalog)),
      ...(await folderFindings(store)),
    ]
    if (repair) for (const finding of findings) await finding.repair?.()
    return findings
  })
}

function databaseFindings({ database, path }: Store): Finding[] {
  const ask = (sql: string) => explaining(path, () => database.prepare(sql).all())
  const integrity = ask('PRAGMA integrity_check(20)')
  const texts = integrity.map((row) => String(row.integrity_check)).filter((text) => text !== 'ok')
  const keys = ask('PRAGMA foreign_key_check')
  const broken = keys.map((row) => `a row of ${row.table} belongs to no ${row.parent}`)
  return [...texts, ...broken].map((text) => ({ kind: 'catalog', text }))
}

interface FileRow {
  readonly rendition: number
  readonly key: string
  readonly format: string
  readonly digest: string
  readonly size: number
}

async function imageFindings(store: Store, catalog: Catalog, options: CheckOptions): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const row of await catalog.selectFrom('images').selectAll().orderBy('id').execute()) {
    const problem = (text: string): Finding => ({
      kind: 'image',
      text: `image ${row.fingerprint}: ${text}`,
      ...(options.removeDamaged ? { repair: async () => await removeImages(store, catalog, [row.id]) } : {}),
    })
    try {
      recordOf(row, [])
    } catch (error) {
      findings.push(problem(messageOf(error)))
    }
    const files = await filesOf(catalog, row.id)
    if (!files.some((file) => file.key === 'primary')) findings.push(problem('it has no files'))
    const lost = new Map<number, FileRow>()
    for (const file of files) {
      const there =
        /^sha256:[0-9a-f]{64}$/.test(file.digest) && (await store.blobs.has(file.digest as Digest, file.size))
      if (!there) lost.set(file.rendition, file)
    }
    for (const file of lost.values()) {
      const text = `the blob ${file.digest} is not there with ${file.size} bytes`
      if (file.key === 'primary') findings.push(problem(text))
      else findings.push(lostRendition(store, catalog, row.fingerprint, file, text))
    }
  }
  return findings
}

function lostRendition(store: Store, catalog: Catalog, fingerprint: string, file: FileRow, text: string): Finding {
  const repair = async () => {
    const blobs = async (inside: Catalog) => {
      const rows = await inside
        .selectFrom('rendition_files')
        .select('digest')
        .where('rendition_id', '=', file.rendition)
        .execute()
      return rows.map((row) => row.digest)
    }
    await removeWith(catalog, store.blobs, blobs, async (inside) => {
      await inside.deleteFrom('rendition_files').where('rendition_id', '=', file.rendition).execute()
    })
  }
  return { kind: 'rendition', text: `image ${fingerprint}, ${file.format} rendition: ${text}`, repair }
}

async function filesOf(catalog: Catalog, id: number): Promise<readonly FileRow[]> {
  return await catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_files.rendition_id')
    .select(['renditions.id as rendition', 'key', 'format', 'digest', 'size'])
    .where('image_id', '=', id)
    .execute()
}

async function blobFindings(store: Store, catalog: Catalog): Promise<Finding[]> {
  const rows = await catalog.selectFrom('rendition_files').select('digest').distinct().execute()
  const needed = new Set(rows.map((row) => row.digest))
  const findings: Finding[] = []
  for await (const { name, digest, size } of store.blobs.list()) {
    if (digest === undefined) findings.push({ kind: 'leftover', text: `${name} among the blobs is not Ingot’s` })
    else if (!needed.has(digest)) {
      const repair = async () => await store.blobs.remove([digest])
      findings.push({ kind: 'leftover', text: `no image needs the blob ${digest} of ${size} bytes`, repair })
    }
  }
  return findings
}

async function folderFindings(store: Store): Promise<Finding[]> {
  const { temporary } = storeFolders(store.path)
  const removed = await withFolderLock(temporary, () => removeDeadWorkFolders(temporary, 'import-'))
  const findings: Finding[] = []
  if (removed > 0) {
    findings.push({ kind: 'leftover', text: `removed ${removed} work folders of processes that were killed` })
  }
  const left = await leftBehind(store.path)
  if (left !== undefined) {
    const repair = async () => await removeTree(left)
    findings.push({ kind: 'leftover', text: `${left} is left of a move of the store that was killed`, repair })
  }
  return findings
}
