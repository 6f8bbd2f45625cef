import { detectCompression, extensionOf } from '../compression/detect.ts'
import { isQcow2 } from '../formats/lxd/disk.ts'
import { isSquashfs } from '../formats/squashfs/magic.ts'
import type { FilePart, ImageInput } from '../formats/types.ts'
import { type ByteFile, readHead } from '../image/stream.ts'

/** What follows the stem in the usual file name of each of a rendition's files. */
export async function suffixesOf(format: string, parts: readonly FilePart[]): Promise<readonly string[]> {
  if (format === 'lxd' && parts.length === 2) {
    const [first, second] = parts
    return [`.lxd${await tarSuffix(first!.file)}`, `.rootfs${await rootSuffix(second!.file)}`]
  }
  const words: Readonly<Record<string, string>> = { docker: '.docker', 'oci-archive': '.oci', rootfs: '.rootfs' }
  const word = words[format] ?? ''
  return await Promise.all(parts.map(async ({ file }) => word + (await tarSuffix(file))))
}

async function rootSuffix(file: ByteFile): Promise<string> {
  if (isQcow2(await readHead(file, 4))) return '.qcow2'
  return (await isSquashfs(file)) ? '.squashfs' : await tarSuffix(file)
}

async function tarSuffix(file: ByteFile): Promise<string> {
  return `.tar${extensionOf(detectCompression(await readHead(file, 13)))}`
}

/** The files of an input, of which none is a directory. */
export function fileParts(input: ImageInput): readonly FilePart[] {
  return input.parts.filter((part) => part.kind === 'file')
}
