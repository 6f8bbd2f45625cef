import { IngotError } from '../image/error.ts'
import type { ByteFile } from '../image/stream.ts'
import type { ImageInput } from './types.ts'

/** The one file of an input. Throws 'usage' when it is a directory or two files. */
export function onlyFile(input: ImageInput, format: string): ByteFile {
  const [part] = input.parts
  if (input.parts.length === 1 && part?.kind === 'file') return part.file
  throw new IngotError('usage', `${input.display}: the format ${format} is read from one file`)
}

/** The one directory of an input; its path. Throws 'usage' otherwise. */
export function onlyDirectory(input: ImageInput, format: string): string {
  const [part] = input.parts
  if (input.parts.length === 1 && part?.kind === 'directory') return part.path
  throw new IngotError('usage', `${input.display}: the format ${format} is read from a directory`)
}
