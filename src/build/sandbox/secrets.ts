import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountMemory } from '../../host/overlay.ts'
import { ioError } from '../../image/error.ts'

/** Secrets while one program runs. */
export interface Secrets {
  /** The folder with a file for each. */
  readonly path: string
  /** The line without them. */
  hide(line: string): string
  /** Nothing is left of them. */
  remove(): void
}

/** Shorter ones, like a number of a port, would make holes all over the log, and are none that one could keep. */
const leastHidden = 4

/**
 * Puts secrets into a file system in memory, mounted in `parent`: they never reach a disk, and are gone with the process that has them
 * (with its mount namespace, where it has one of its own).
 */
export function createSecrets(
  { uid, contents }: { readonly uid: number; readonly contents: Readonly<Record<string, Buffer>> },
  parent: string,
): Secrets {
  const path = join(parent, 'secrets')
  mkdirSync(path, { mode: 0o700 })
  const mounted = mountMemory(path)
  try {
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(join(path, name), content, { mode: 0o400 })
      chownSync(join(path, name), uid, uid)
    }
    chownSync(path, uid, uid)
  } catch (error) {
    mounted.unmount()
    throw ioError('place the secrets', error)
  }
  const hidden = Object.values(contents)
    .flatMap((content) => content.toString().split(/\r?\n/))
    .map((line) => line.trim())
    .filter((line) => line.length >= leastHidden)
    .sort((a, b) => b.length - a.length)
  return {
    path,
    hide: (line) => hidden.reduce((text, secret) => text.replaceAll(secret, '***'), line),
    remove: () => mounted.unmount(),
  }
}
