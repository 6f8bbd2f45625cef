import { dirname, resolve } from 'node:path'
import { IngotError } from '../image/error.ts'
import { sha256OfText } from '../image/text-digest.ts'
import { type DocumentPath, parseRecipeDocument } from './document.ts'
import { readText } from './file.ts'
import { formatPlace, type Place } from './place.ts'

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
  return parseSource(readText(file), file)
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
