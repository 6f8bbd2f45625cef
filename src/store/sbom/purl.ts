import type { InstalledPackage } from '../../layers/package-databases/types.ts'

/** What an SBOM is of. */
export interface Described {
  readonly name: string
  readonly fingerprint: string
  /** `ID` and `VERSION_ID` of os-release; '' where it does not say. */
  readonly os: string
  readonly osVersion: string
  readonly architecture: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly packages: readonly InstalledPackage[]
}

interface PurlType {
  readonly type: string
  /** Where the image does not say what it is. */
  readonly vendor: string
  /** Names are the same whatever their case. */
  readonly lowercase: boolean
  /** An epoch before the version is told beside it. */
  readonly epochApart: boolean
}

/** package-url/purl-spec, types. */
const purlTypes: Readonly<Record<InstalledPackage['manager'], PurlType>> = {
  dpkg: { type: 'deb', vendor: 'debian', lowercase: true, epochApart: false },
  rpm: { type: 'rpm', vendor: 'fedora', lowercase: false, epochApart: true },
  pacman: { type: 'alpm', vendor: 'arch', lowercase: true, epochApart: false },
  apk: { type: 'apk', vendor: 'alpine', lowercase: true, epochApart: false },
}

/** A package's purl (package-url/purl-spec): `pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12`. */
export function purlOf({ manager, name, version, architecture }: InstalledPackage, image: Described): string {
  const { type, vendor, lowercase, epochApart } = purlTypes[manager]
  const [, epoch, rest] = (epochApart && /^(\d+):(.*)$/.exec(version)) || [undefined, undefined, version]
  const distro = image.os && image.osVersion ? `${image.os}-${image.osVersion}`.toLowerCase() : ''
  const qualifiers = [
    architecture && `arch=${encode(architecture)}`,
    distro && `distro=${encode(distro)}`,
    epoch && `epoch=${epoch}`,
  ].filter(Boolean)
  const tail = qualifiers.length > 0 ? `?${qualifiers.join('&')}` : ''
  const vendorName = encode((image.os || vendor).toLowerCase())
  return `pkg:${type}/${vendorName}/${encode(lowercase ? name.toLowerCase() : name)}@${encode(rest ?? '')}${tail}`
}

/** A random-looking UUID (RFC 9562, version 8) that is the same for the same image. */
export function uuidOf(fingerprint: string): string {
  const hex = `${fingerprint.slice(0, 12)}8${fingerprint.slice(13, 16)}a${fingerprint.slice(17, 32)}`
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
