import type { ImageMetadata } from '../../image/metadata.ts'
import { debianArchitecture } from '../../image/platform.ts'

/**
 * A template's file name by Proxmox VE's convention, `<os>-<osversion>-<name>_<version>_<arch>` without extension, of
 * the characters that its upload keeps. The name is the variant, else the last part of the image's own name, else
 * `standard`; the version is the serial, else the day it was made, else the OS version.
 */
export function templateName(metadata: ImageMetadata, imageName: string | undefined): string {
  const { os, release, version, variant, serial } = metadata.properties
  const system = word(os) || 'linux'
  const systemVersion = word(version) || word(release)
  const own = word(variant) && word(variant) !== 'default' ? word(variant) : word(lastPart(imageName))
  const name = own && own !== system ? own : 'standard'
  const made = metadata.created ? new Date(metadata.created * 1000).toISOString().slice(0, 10).replaceAll('-', '') : ''
  const date = [word(serial), made, systemVersion].find((text) => text && /^\d/.test(text)) ?? '1'
  const stem = [system, systemVersion, name].filter(Boolean).join('-')
  return `${stem}_${date}_${debianArchitecture(metadata.architecture)}`
}

/** `_` parts the fields of the name, so it becomes `-` inside one. */
function word(text: string | undefined): string {
  return (text ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
}

/** `debian` of `docker.io/library/debian:12`. */
function lastPart(name: string | undefined): string | undefined {
  return name
    ?.split('/')
    .at(-1)
    ?.replace(/[:@].*$/, '')
}
