import type { InstalledPackage } from '../../layers/installed-packages.ts'

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

/** A package's purl (package-url/purl-spec): `pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12`. */
export function purlOf({ manager, name, version, architecture }: InstalledPackage, image: Described): string {
  const type = manager === 'dpkg' ? 'deb' : 'apk'
  const vendor = encode((image.os || (manager === 'dpkg' ? 'debian' : 'alpine')).toLowerCase())
  const distro = image.os && image.osVersion ? `${image.os}-${image.osVersion}`.toLowerCase() : ''
  const qualifiers = [architecture && `arch=${encode(architecture)}`, distro && `distro=${encode(distro)}`].filter(
    Boolean,
  )
  const tail = qualifiers.length > 0 ? `?${qualifiers.join('&')}` : ''
  return `pkg:${type}/${vendor}/${encode(name.toLowerCase())}@${encode(version)}${tail}`
}

/** A random-looking UUID (RFC 9562, version 8) that is the same for the same image. */
export function uuidOf(fingerprint: string): string {
  const hex = `${fingerprint.slice(0, 12)}8${fingerprint.slice(13, 16)}a${fingerprint.slice(17, 32)}`
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
