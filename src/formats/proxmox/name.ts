import type { ImageMetadata } from '../../image/metadata.ts'
import { debianArchitecture } from '../../image/platform.ts'

/**
 * A template's file name by Proxmox VE's convention, `<os>-<osversion>-<name>_<version>_<arch>` without extension, of
 * the characters that its upload keeps. Without properties, os and osversion are the image's own name and tag. The name
 * is the variant, else `standard`; the version is the serial, else the day it was made, else the osversion.
 */
export function templateName(metadata: ImageMetadata, imageName: string | undefined): string {
  const { os, release, version, variant, serial } = metadata.properties
  const [ownName, ownTag] = nameAndTag(imageName)
  const system = word(os) || word(ownName) || 'linux'
  const systemVersion = word(version) || word(release) || (os ? '' : word(ownTag))
  const name = word(variant) && word(variant) !== 'default' ? word(variant) : 'standard'
  const { created = 0 } = metadata // LXD images without a date have the first seconds of 1970
  const made = created >= 86_400 ? new Date(created * 1000).toISOString().slice(0, 10).replaceAll('-', '') : ''
  const date = [word(serial), made, systemVersion].find((text) => /^\d/.test(text)) ?? '1'
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

/** `debian` and `12` of `docker.io/library/debian:12`; the tag `latest` says nothing. */
function nameAndTag(name: string | undefined): readonly [string | undefined, string | undefined] {
  const last = name?.split('/').at(-1)?.replace(/@.*$/, '')
  const [stem, tag] = last?.split(':') ?? []
  return [stem, tag === 'latest' ? undefined : tag]
}
