import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { syncFolder } from '../../host/durable.ts'
import { removeTree } from '../../host/remove-tree.ts'
import { run } from '../../host/run.ts'
import { errnoOf, ioError } from '../../image/error.ts'

/** What is known of a kept layer besides its files. */
export interface LayerRecord {
  /** For people: what made it. */
  readonly title: string
  /** It changed nothing. */
  readonly empty: boolean
  /** What its files take, in bytes. */
  readonly bytes: number
  /** What the base of an image had to say; only in the layers of bases. */
  readonly base?: unknown
  /**
   * While its files may not be on the disk yet: the start of this machine in which it was made, for a power cut may have taken some, and
   * a word of its own.
   */
  readonly unsettled?: string | undefined
}

export interface KeptLayer extends LayerRecord {
  readonly key: string
  /** The directory with its files, as an overlay's upper directory holds them. */
  readonly files: string
}

const recordFile = 'layer.json'
const recordSchema = z.object({
  title: z.string(),
  empty: z.boolean(),
  bytes: z.number(),
  base: z.unknown().optional(),
  unsettled: z.string().optional(),
})

/** Where the files of a layer that is being made go: `folder` is renamed into the cache as a whole. */
export function filesOf(folder: string): string {
  return join(folder, 'files')
}

/** The layer of a key, if it is there; it counts as used now. Throws 'io'. */
export async function findLayer(cache: string, key: string): Promise<KeptLayer | undefined> {
  const folder = join(cache, key)
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(join(folder, recordFile), 'utf8')))
    if (record.unsettled !== undefined && !record.unsettled.startsWith(bootId())) return undefined
    const now = Date.now() / 1000
    await utimes(join(folder, recordFile), now, now)
    return { ...record, key, files: filesOf(folder) }
  } catch (error) {
    const damaged = error instanceof SyntaxError || error instanceof z.ZodError
    if (damaged || errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read the cached layer ${folder}`, error)
  }
}

/**
 * Keeps a layer under its key, whole, in place of one that is there. It counts until the machine starts anew, and from then on once
 * settleLayers was called for it. `folder` is on the file system of the cache.
 */
export async function keepLayer(
  cache: string,
  key: string,
  folder: string,
  record: Pick<LayerRecord, 'title' | 'base'>,
): Promise<KeptLayer> {
  const final = join(cache, key)
  const files = filesOf(folder)
  const [empty, bytes] = [(await readdir(files)).length === 0, await diskUsage(files)]
  try {
    const whole: LayerRecord = { ...record, empty, bytes, unsettled: `${bootId()} ${randomUUID()}` }
    await writeFile(join(folder, recordFile), `${JSON.stringify(whole)}\n`)
    await removeTree(final)
    await rename(folder, final)
    return { ...whole, key, files: filesOf(final) }
  } catch (error) {
    throw ioError(`keep the layer ${final}`, error)
  }
}

/** Brings layers to the disk for good. Nothing is done for those that are there. */
export async function settleLayers(cache: string, layers: readonly KeptLayer[]): Promise<void> {
  const unsettled = layers.filter((layer) => layer.unsettled !== undefined)
  if (unsettled.length === 0) return
  try {
    // All of the file system, because nobody knows which files programs have written; much less work than one by one.
    await run('sync', ['--file-system', cache])
    for (const { key, files: _, unsettled: mine, ...record } of unsettled) {
      const path = join(cache, key, recordFile)
      // Another build may have made it anew meanwhile.
      if (!(await readFile(path, 'utf8').catch(() => '')).includes(mine!)) continue
      await writeFile(`${path}.tmp`, `${JSON.stringify(record)}\n`, { flush: true })
      await rename(`${path}.tmp`, path)
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

/** All layers, and what is left of damaged ones. */
export async function listLayers(cache: string): Promise<readonly PrunableLayer[]> {
  const layers: PrunableLayer[] = []
  for (const key of await readdir(cache)) {
    const path = join(cache, key, recordFile)
    const found = await stat(path).catch(() => undefined)
    const text = found && (await readFile(path, 'utf8').catch(() => undefined))
    let record: unknown
    try {
      record = JSON.parse(text ?? '')
    } catch {
      // Told below: a layer that cannot be read is of no use, and the oldest there is.
    }
    const { success, data } = recordSchema.safeParse(record)
    layers.push({
      key,
      title: success ? data.title : 'damaged',
      bytes: success ? data.bytes : 0,
      lastUsed: success ? found!.mtimeMs : 0,
    })
  }
  return layers
}

/** Removes a layer; its record first, so that nobody finds what is going. */
export async function removeLayer(cache: string, key: string): Promise<void> {
  await removeTree(join(cache, key, recordFile))
  await removeTree(join(cache, key))
}

/** A new empty layer in the making, in `work`. */
export async function newLayer(work: string, name: string): Promise<string> {
  const folder = join(work, name)
  await mkdir(filesOf(folder), { recursive: true })
  await chmod(filesOf(folder), 0o755) // whatever the umask
  return folder
}
