import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openFile } from '../host/file.ts'
import { temporaryFolder } from '../host/temporary.ts'
import { IngotError, ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import type { ImageInput, InputPart } from './types.ts'

/** A parsed reference: which format it says (if it does), the bytes, and which of several images. */
export interface ImageReference {
  /** Name of a format, or undefined for a bare path: then content decides. */
  readonly format: string | undefined
  readonly input: ImageInput
  /** The `:NAME` or `:TAG` part. */
  readonly name: string | undefined
}

interface Prefix {
  readonly format: string
  readonly named: boolean
  readonly kind: 'file' | 'directory'
}

const prefixes: Readonly<Record<string, Prefix>> = {
  oci: { format: 'oci', named: true, kind: 'directory' },
  'oci-archive': { format: 'oci-archive', named: true, kind: 'file' },
  'docker-archive': { format: 'docker', named: true, kind: 'file' },
  lxd: { format: 'lxd', named: false, kind: 'file' },
  proxmox: { format: 'proxmox', named: false, kind: 'file' },
  rootfs: { format: 'rootfs', named: false, kind: 'file' },
  dir: { format: 'dir', named: false, kind: 'directory' },
}

/** How references look, for help texts. */
export const referenceForms = [
  'oci:DIR[:NAME]',
  'oci-archive:FILE[:NAME]',
  'docker-archive:FILE[:TAG]',
  'lxd:FILE',
  'lxd:META,ROOTFS',
  'proxmox:FILE',
  'rootfs:FILE',
  'dir:PATH',
  'PATH',
] as const

/**
 * Resolves what a user wrote for an input image. `-` (alone or after a file prefix) is `stdin`, copied once into a
 * temporary file, because archives keep their index last. Throws 'usage' or 'not-found'.
 */
export async function resolveReference(text: string, stdin: ByteStream = process.stdin): Promise<ImageReference> {
  const colon = text.indexOf(':')
  const prefix = colon > 0 ? prefixes[text.slice(0, colon)] : undefined
  if (!prefix) {
    if (text === '') throw new IngotError('usage', 'an image reference must not be empty')
    return { format: undefined, name: undefined, input: { display: text, parts: [await openPart(text, stdin)] } }
  }
  const rest = text.slice(colon + 1)
  if (rest === '')
    throw new IngotError('usage', `${text}: a path must follow the colon`, {
      hint: `References look like ${referenceForms.join(', ')}.`,
    })
  const paths = prefix.format === 'lxd' && !existsSync(rest) ? rest.split(',') : [rest]
  if (paths.length > 2) throw new IngotError('usage', `${text}: LXD images are one file, or two joined by a comma`)
  const { path, name } = prefix.named ? splitName(rest) : { path: rest, name: undefined }
  const parts = await Promise.all((paths.length === 2 ? paths : [path]).map((p) => openPart(p, stdin)))
  for (const part of parts) {
    if (part.kind !== prefix.kind) {
      const found = part.kind === 'directory' ? 'a directory' : 'a file'
      throw new IngotError(
        'usage',
        `${text}: ${part.path} is ${found}, but ${text.slice(0, colon)}: takes a ${prefix.kind}`,
      )
    }
  }
  return { format: prefix.format, name, input: { display: text, parts } }
}

/** What leads to the same files from everywhere, without the name. */
export function absoluteReference({ format, input }: ImageReference): string {
  const paths = input.parts.map(({ path }) => resolve(path)).join()
  const prefix = Object.entries(prefixes).find(([, known]) => known.format === format)?.[0]
  return prefix === undefined ? paths : `${prefix}:${paths}`
}

/** `PATH[:NAME]`: the longest leading part that exists is the path (so paths may hold colons). */
export function splitName(
  text: string,
  exists: (path: string) => boolean = existsSync,
): { path: string; name: string | undefined } {
  if (text === '-' || exists(text)) return { path: text, name: undefined }
  for (let colon = text.lastIndexOf(':'); colon > 0; colon = text.lastIndexOf(':', colon - 1)) {
    const path = text.slice(0, colon)
    if (path === '-' || exists(path)) return { path, name: text.slice(colon + 1) || undefined }
  }
  const first = text.indexOf(':')
  return first > 0
    ? { path: text.slice(0, first), name: text.slice(first + 1) || undefined }
    : { path: text, name: undefined }
}

async function openPart(path: string, stdin: ByteStream): Promise<InputPart> {
  if (path === '-') {
    const spooled = await spool(stdin)
    return { kind: 'file', path: spooled, file: { ...(await openFile(spooled)), name: 'standard input' } }
  }
  try {
    if (statSync(path).isDirectory()) return { kind: 'directory', path }
  } catch (error) {
    throw ioError(`open ${path}`, error)
  }
  return { kind: 'file', path, file: await openFile(path) }
}

async function spool(stdin: ByteStream): Promise<string> {
  const folder = await temporaryFolder({ prefix: 'stdin-' })
  const path = join(folder.path, 'stdin')
  const handle = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of stdin) await handle.appendFile(chunk)
  } catch (error) {
    throw ioError('copy standard input to a temporary file', error)
  } finally {
    await handle.close()
  }
  return path
}
