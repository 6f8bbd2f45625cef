import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ioError } from '../../../image/error.ts'
import { fileDigest } from '../../cache/content.ts'
import { type Ignores, parseIgnores } from './ignore.ts'

/**
 * The digest of what an engine can take from a build context: names, kinds, modes, link targets and contents of all that is not
 * ignored, and neither owners nor times, as engines' own caches have it. `memory` remembers digests of files. Throws 'not-found' and 'io'.
 */
export async function contextDigest(folder: string, dockerfile: string, memory: string): Promise<string> {
  const ignoring = readIgnoreFiles(folder, dockerfile)
  const hash = createHash('sha256').update(JSON.stringify(ignoring.texts))
  try {
    for await (const line of describe('')) hash.update(`${JSON.stringify(line)}\n`)
  } catch (error) {
    throw ioError(`read the build context ${folder}`, error)
  }
  return hash.digest('hex')

  async function* describe(path: string): AsyncGenerator<readonly unknown[]> {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const child = path === '' ? name : `${path}/${name}`
      const ignored = ignoring.ignores(child)
      const found = lstatSync(join(folder, child))
      if (found.isDirectory()) {
        if (!ignored) yield [child, 'directory', found.mode]
        if (!ignored || ignoring.exceptions) yield* describe(child)
      } else if (ignored) continue
      else if (found.isSymbolicLink()) yield [child, 'symlink', readlinkSync(join(folder, child))]
      else if (found.isFile()) yield [child, 'file', found.mode, await fileDigest(join(folder, child), memory)]
      else yield [child, 'other', found.mode]
    }
  }
}

/**
 * What no engine takes. All of them read `.dockerignore`; some read another file in place of it, where that is there: what only
 * one of the files ignores may be taken.
 */
function readIgnoreFiles(
  folder: string,
  dockerfile: string,
): { readonly texts: readonly string[]; ignores: Ignores; exceptions: boolean } {
  const common = join(folder, '.dockerignore')
  const others = [join(folder, '.containerignore'), `${dockerfile}.dockerignore`]
  const texts = [common, ...others].filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'))
  const all = texts.map(parseIgnores)
  const isCommon = existsSync(common)
  return {
    texts,
    ignores: (path) => isCommon && all.every(({ ignores }) => ignores(path)),
    exceptions: all.some(({ exceptions }) => exceptions),
  }
}
