import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { syncFolder } from '../../host/durable.ts'
import { removeTree } from '../../host/remove-tree.ts'
import { run } from '../../host/run.ts'
import { errnoOf, ioError } from '../../image/error.ts'

// A layer is a folder that never changes, `<key>.<random>`, and a record `<key>.json` that names it. Where a layer is made anew the record
// changes; the folder of before stays for whoever uses it, until prune, which waits for builds.

const recordSchema = z.object({
  /** For people: what made it. */
  title: z.string(),
  folder: z.string().regex(/^[0-9a-f]+\.[0-9a-f]+$/),
  /** It changed nothing. */
  empty: z.boolean(),
  /** What it takes, in bytes. */
  bytes: z.number(),
  /** What the base of an image had to say; only in the layers of bases. */
  base: z.unknown().optional(),
  /** The start of this machine in which it was made, while its files may not be on the disk: a power cut may have taken some. */
  unsettled: z.string().optional(),
})
type LayerRecord = z.infer<typeof recordSchema>

export interface KeptLayer extends LayerRecord {
  readonly key: string
  /** The directory with its files, as an overlay's upper directory holds them. */
  readonly files: string
  /** Only of bases: where the layers are that the base came with. */
  readonly own: string
}

/** Where the files of a layer that is being made go: `folder` is renamed into the cache as a whole. */
export function filesOf(folder: string): string {
  return join(folder, 'files')
}

/** Where the layers go that a base came with. */
export function ownLayersOf(folder: string): string {
  return join(folder, 'layers')
}

/** A new empty layer in the making, in `work`. */
export async function newLayer(work: string, name: string): Promise<string> {
  const folder = join(work, name)
  await mkdir(filesOf(folder), { recursive: true })
  await chmod(filesOf(folder), 0o755) // whatever the umask
  return folder
}

function recordPath(cache: string, key: string): string {
  return join(cache, `${key}.json`)
}

/** Undefined for what is not there, damaged, or may not be whole. */
async function readRecord(cache: string, key: string): Promise<LayerRecord | undefined> {
  const path = recordPath(cache, key)
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    await stat(join(cache, record.folder))
    return record.unsettled === undefined || record.unsettled === bootId() ? record : undefined
  } catch (error) {
    const damaged = error instanceof SyntaxError || error instanceof z.ZodError
    if (damaged || errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read the cached layer ${path}`, error)
  }
}

async function writeRecord(cache: string, key: string, record: LayerRecord, flush: boolean): Promise<void> {
  const temporary = join(cache, `${record.folder}.${randomBytes(4).toString('hex')}.tmp`)
  await writeFile(temporary, `${JSON.stringify(record)}\n`, { flush })
  await rename(temporary, recordPath(cache, key))
}

/** The layer of a key, if it is there and whole; it counts as used now. Throws 'io'. */
export async function findLayer(cache: string, key: string): Promise<KeptLayer | undefined> {
  const record = await readRecord(cache, key)
  if (record === undefined) return undefined
  const now = Date.now() / 1000
  await utimes(recordPath(cache, key), now, now)
  const folder = join(cache, record.folder)
  return { ...record, key, files: filesOf(folder), own: ownLayersOf(folder) }
}

/**
 * Keeps a layer under its key, in place of one that is there. It counts until the machine starts anew, and from then on once
 * settleLayers was called for it. `folder` is on the file system of the cache. Throws 'io'.
 */
export async function keepLayer(
  cache: string,
  key: string,
  folder: string,
  about: Pick<LayerRecord, 'title' | 'base'>,
): Promise<KeptLayer> {
  const files = filesOf(folder)
  const [empty, bytes] = [(await readdir(files)).length === 0, await diskUsage(folder)]
  const record = { ...about, folder: `${key}.${randomBytes(4).toString('hex')}`, empty, bytes, unsettled: bootId() }
  const final = join(cache, record.folder)
  try {
    await rename(folder, final)
    await writeRecord(cache, key, record, false)
    return { ...record, key, files: filesOf(final), own: ownLayersOf(final) }
  } catch (error) {
    throw ioError(`keep the layer ${final}`, error)
  }
}

/** Brings layers to the disk for good. Nothing is done for those that are there. Throws 'io'. */
export async function settleLayers(cache: string, layers: readonly KeptLayer[]): Promise<void> {
  const unsettled = layers.filter((layer) => layer.unsettled !== undefined)
  if (unsettled.length === 0) return
  try {
    // All of the file system, because nobody knows which files programs have written; much less work than one by one.
    await run('sync', ['--file-system', cache])
    for (const { key, files: _, own: __, unsettled: ___, ...record } of unsettled) {
      // Another build may have made it anew meanwhile.
      const now = await readRecord(cache, key)
      if (now?.folder === record.folder) await writeRecord(cache, key, record, true)
    }
    await syncFolder(cache)
  } catch (error) {
    throw ioError(`settle the layers of ${cache}`, error)
  }
}

let boot: string | undefined

/** Another one after each start of the machine (random(4)). */
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

async function diskUsage(folder: string): Promise<number> {
  const { stdout } = await run('du', ['--summarize', '--block-size=1', folder])
  return Number.parseInt(stdout, 10)
}

/** A layer as prune sees it. */
export interface PrunableLayer {
  readonly key: string
  readonly title: string
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly lastUsed: number
}

/** All layers that can be found. */
export async function listLayers(cache: string): Promise<readonly PrunableLayer[]> {
  const layers: PrunableLayer[] = []
  for (const name of await readdir(cache)) {
    if (!name.endsWith('.json')) continue
    const key = name.slice(0, -'.json'.length)
    const record = await readRecord(cache, key)
    if (record === undefined) continue
    const { mtimeMs: lastUsed } = await stat(recordPath(cache, key))
    layers.push({ key, title: record.title, bytes: record.bytes, lastUsed })
  }
  return layers
}

/** Removes everything but these layers: others, what came before layers that were made anew, what kills have left. No build goes on. */
export async function keepOnly(cache: string, keys: ReadonlySet<string>): Promise<void> {
  const stay = new Set<string>()
  for (const key of keys) {
    const record = await readRecord(cache, key)
    if (record) for (const name of [`${key}.json`, record.folder]) stay.add(name)
  }
  const names = (await readdir(cache)).filter((name) => !stay.has(name))
  // Records first, so that nobody finds what is going.
  for (const name of names.filter((each) => each.endsWith('.json'))) await removeTree(join(cache, name))
  for (const name of names) await removeTree(join(cache, name))
}
