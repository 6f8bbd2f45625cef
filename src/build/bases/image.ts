import { isAbsolute, join } from 'node:path'
import { resolveReference } from '../../formats/reference.ts'
import type { ImageInput } from '../../formats/types.ts'
import { sumOf } from '../../host/durable.ts'
import { digestHex, digestOf } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import { ociPlatform } from '../../image/platform.ts'
import type { ByteStream } from '../../image/stream.ts'
import type { SystemImage } from '../../image/system-image.ts'
import type { ImageBase } from '../../recipe/bases/image.ts'
import { fileParts } from '../../store/parts.ts'
import { fileDigest } from '../cache/content.ts'
import type { BaseBuilder, IdentityContext } from './types.ts'

export const imageBase: BaseBuilder<ImageBase> = {
  title: ({ form, path }) => `${form} ${path}`,
  /** The files' digests; a layout's index has the digests of all that is in it. */
  async identity(base, context) {
    const { input } = await resolveReference(referenceOf(base, context))
    await requirePinned(base, input, context)
    const files = input.parts.map(({ kind, path }) => (kind === 'directory' ? join(path, 'index.json') : path))
    return await Promise.all(files.map(async (file) => await fileDigest(file, context.home.digests)))
  },
  async fill(base, context) {
    const { fillFromImage } = await import('./tree.ts')
    return await fillFromImage(await openBase(base, context), context)
  },
}

async function openBase(base: ImageBase, context: IdentityContext): Promise<SystemImage> {
  const { architecture } = context
  const { openImage } = await import('../../formats/pour.ts')
  const wanted = architecture === undefined ? {} : { architecture, platform: ociPlatform(architecture) }
  return (await openImage(referenceOf(base, context), wanted)).image
}

/** Throws 'corrupt' for an image that is another than the recipe says. */
async function requirePinned(base: ImageBase, input: ImageInput, context: IdentityContext): Promise<void> {
  if (base.sha256 === undefined) return
  const found = base.form.startsWith('oci')
    ? digestHex(digestOf((await openBase(base, context)).origin!.manifest!))
    : await sumOfParts(input, context)
  if (found === base.sha256) return
  throw new IngotError('corrupt', `${referenceOf(base, context)}: its SHA-256 is ${found}, not ${base.sha256}`)
}

/** Of one file what is remembered of it; several are read. */
async function sumOfParts(input: ImageInput, { home }: IdentityContext): Promise<string> {
  const [only, ...others] = fileParts(input)
  if (others.length === 0) return await fileDigest(only!.path, home.digests)
  async function* bytes(): ByteStream {
    for (const { file } of [only!, ...others]) yield* file.open()
  }
  return (await sumOf(bytes())).sha256
}

function referenceOf(base: ImageBase, { recipeFolder }: IdentityContext): string {
  return `${base.form}:${pathsOf(base, recipeFolder)}`
}

function pathsOf({ form, path }: ImageBase, recipeFolder: string): string {
  const beside = (one: string) => (isAbsolute(one) ? one : join(recipeFolder, one))
  return form === 'lxd' ? path.split(',').map(beside).join() : beside(path)
}
