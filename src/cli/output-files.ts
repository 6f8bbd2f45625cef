import { extensionOf } from '../compression/detect.ts'
import type { CompressOptions } from '../compression/types.ts'
import { IngotError } from '../image/error.ts'
import type { Output } from '../recipe/outputs.ts'

/** The name of an image as the beginning of file names. */
export function stemOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_.+-]+/g, '-')
}

/** Where an output of a build goes, as formats/pour takes it: a file, a folder to be, a prefix, or the folder to find names for. */
export function outputPath(folder: string, stem: string, output: Output): string {
  const base = folder.replace(/\/+$/, '')
  if (output.format === 'proxmox') return `${base}/` // its files go by a convention of their own
  if (output.format === 'lxd' && output.variant !== 'unified') return `${base}/${stem}`
  return `${base}/${outputFiles(stem, output)[0]!.replace(/\/$/, '')}`
}

/** What an output's files will be called; folders end with a slash. Of Proxmox’ names only the end is known before the image is: `*`. */
export function outputFiles(stem: string, { format, variant, compression }: Output): readonly string[] {
  switch (format) {
    case 'rootfs':
      return [`${stem}.rootfs.${tar(compression)}`]
    case 'dir':
      return [`${stem}.root/`]
    case 'lxd': {
      if (variant === 'unified') return [`${stem}.lxd.${tar(compression)}`]
      const root = variant === 'split-tar' ? `${stem}.rootfs.${tar(compression)}` : `${stem}.rootfs.squashfs`
      return [`${stem}.lxd.${tar(compression ?? { kind: 'gzip' })}`, root]
    }
    case 'oci':
      return [`${stem}.oci/`]
    case 'oci-archive':
      return [`${stem}.oci.tar`]
    case 'docker':
      return [`${stem}.docker.tar`]
    case 'proxmox':
      return [`*.${variant === 'oci' ? 'tar' : tar(compression)}`]
    default:
      throw new Error(`no names for the format ${format}`)
  }
}

function tar({ kind }: CompressOptions = { kind: 'zstd' }): string {
  return `tar${extensionOf(kind)}`
}

/** Throws 'usage' when two outputs would be in the same file. */
export function requireOwnFiles(stem: string, outputs: readonly Output[]): void {
  const takers = new Map<string, string>()
  for (const output of outputs) {
    for (const file of outputFiles(stem, output)) {
      const other = takers.get(file)
      if (other !== undefined)
        throw new IngotError('usage', `two outputs would be the same file, ${file}: ${other} and ${outputText(output)}`)
      takers.set(file, outputText(output))
    }
  }
}

/** `lxd (split-tar, zstd:19)`. */
export function outputText({ format, variant, compression }: Output): string {
  const level = compression?.level === undefined ? '' : `:${compression.level}`
  const how = [variant, compression && `${compression.kind}${level}`].filter(Boolean).join(', ')
  return how === '' ? format : `${format} (${how})`
}
