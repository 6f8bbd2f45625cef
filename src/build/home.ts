import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ioError } from '../image/error.ts'

/** The folders of `$INGOT_HOME` that builds use. */
export interface BuildHome {
  readonly path: string
  /** Bootstrapped bases. */
  readonly bases: string
  readonly logs: string
  /** Work folders of running builds. */
  readonly work: string
}

/** Makes the folders of a home that are not there yet: roots and caches of images are for root's eyes only. */
export async function openHome(path: string): Promise<BuildHome> {
  const home = { path, bases: join(path, 'cache', 'bases'), logs: join(path, 'logs'), work: join(path, 'tmp') }
  try {
    await mkdir(path, { recursive: true, mode: 0o755 })
    await mkdir(join(path, 'cache'), { recursive: true, mode: 0o755 })
    for (const folder of [home.bases, home.logs, home.work]) await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw ioError(`create ${path}`, error)
  }
  return home
}
