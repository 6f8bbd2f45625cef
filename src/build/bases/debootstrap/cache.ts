import { createHash } from 'node:crypto'
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { run } from '../../../host/run.ts'
import { errnoOf, ioError } from '../../../image/error.ts'
import type { DebootstrapBase } from '../../../recipe/bases.ts'
import type { BaseContext } from '../types.ts'

/** A bootstrapped base in the cache. */
export interface CachedBase {
  readonly tar: string
  /** Time ceiling, seconds since the epoch. */
  readonly epoch: number
}

/** Raised when the way a base is made changes. */
const procedure = 1

const record = z.object({ epoch: z.number(), size: z.number() })

/**
 * What the content of a base hangs on, and nothing of the recipe around it: `debian-bookworm-amd64-<16 hex digits>`.
 * How new the archive is does not count: a base is used until it is made anew on request.
 */
export async function cacheKey(base: DebootstrapBase, architecture: string, context: BaseContext): Promise<string> {
  const { stdout: version } = await run('mmdebstrap', ['--version'])
  const keyring = base.keyring === undefined ? null : await digestOfFile(resolve(context.recipeFolder, base.keyring))
  const { distribution, suite, variant, components, packages } = base
  const parts = [procedure, version, architecture, variant, components, base.mirror ?? null, [...packages].sort()]
  const hash = createHash('sha256').update(JSON.stringify([...parts, keyring, context.epoch ?? null]))
  return `${distribution}-${suite}-${architecture}-${hash.digest('hex').slice(0, 16)}`
}

/** The base of a key, if it is there and whole. */
export async function findCached(folder: string, key: string): Promise<CachedBase | undefined> {
  const tar = join(folder, `${key}.tar`)
  try {
    const { epoch, size } = record.parse(JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8')))
    return (await stat(tar)).size === size ? { tar, epoch } : undefined
  } catch (error) {
    const unreadable = error instanceof SyntaxError || error instanceof z.ZodError
    if (unreadable || errnoOf(error) === 'ENOENT') return undefined
    throw ioError(`read the cached base ${tar}`, error)
  }
}

/**
 * Moves a tar from the work folder into the cache. Its record is written last and both are on disk before they get their names, so a base
 * that is found is whole, whenever the process was killed.
 */
export async function storeCached(folder: string, key: string, made: CachedBase): Promise<CachedBase> {
  const tar = join(folder, `${key}.tar`)
  const written = `${made.tar}.json`
  try {
    const { size } = await stat(made.tar)
    await sync(made.tar)
    await rename(made.tar, tar)
    await writeFile(written, `${JSON.stringify({ epoch: made.epoch, size })}\n`, { flush: true })
    await rename(written, join(folder, `${key}.json`))
    await sync(folder)
    return { tar, epoch: made.epoch }
  } catch (error) {
    throw ioError(`keep the base ${tar}`, error)
  }
}

async function digestOfFile(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  } catch (error) {
    throw ioError(`read the keyring ${path}`, error)
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
