import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { IngotError, ioError } from '../image/error.ts'
import { sha256OfText } from '../image/text-digest.ts'
import { type DocumentPath, parseRecipeDocument } from './document.ts'
import { formatPlace, type Place } from './place.ts'

const maxBytes = 1024 * 1024

/** A YAML file that a recipe, or a part of one, is written in. */
export interface Source {
  /** As it was named, for messages. */
  readonly file: string
  /** Absolute: relative paths in the file start here. */
  readonly folder: string
  readonly value: unknown
  /** Of the text, in hexadecimal digits. */
  readonly sha256: string
  locate(path: DocumentPath, what?: 'key' | 'value'): Place
}

/** Reads a YAML file. Throws 'not-found', 'io', 'limit', and 'usage' telling where it is no YAML. */
export function readSource(file: string): Source {
  try {
    const { size } = statSync(file)
    if (size > maxBytes)
      throw new IngotError('limit', `${file}: a recipe of ${size} bytes; at most ${maxBytes} are read`)
    return parseSource(decode(readFileSync(file), file), file)
  } catch (error) {
    throw ioError(`read the recipe ${file}`, error)
  }
}

/** As readSource, for a text in hand. */
export function parseSource(text: string, file: string): Source {
  const { value, problems, locate } = parseRecipeDocument(text)
  const folder = resolve(dirname(file))
  if (problems.length > 0) {
    const lines = problems.map((problem) => `${formatPlace({ file, folder, ...problem })}: ${problem.message}`)
    throw new IngotError('usage', lines.join('\n'))
  }
  const sha256 = sha256OfText(text)
  return { file, folder, value, sha256, locate: (path, what) => ({ file, folder, ...locate(path, what) }) }
}

function decode(bytes: Buffer, file: string): string {
  if (isUtf8(bytes)) return bytes.toString().replace(/^\uFEFF/, '')
  throw new IngotError('usage', `${file}: a recipe is UTF-8 text, and this is not`)
}
