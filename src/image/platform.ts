import { IngotError } from './error.ts'

/** LXD's canonical architecture names: the ones Ingot uses inside. */
export const architectures = [
  'x86_64',
  'i686',
  'aarch64',
  'armv8l',
  'armv7l',
  'armv6l',
  'ppc64le',
  'ppc64',
  'ppc',
  's390x',
  'mips',
  'mips64',
  'riscv32',
  'riscv64',
  'loongarch64',
] as const
export type Architecture = (typeof architectures)[number]

interface Names {
  /** GOARCH and variant, as OCI writes them. */
  readonly oci: readonly [architecture: string, variant?: string]
  /** Debian's and Proxmox VE's name. */
  readonly debian: string
  readonly aliases: readonly string[]
}

const table: Readonly<Record<Architecture, Names>> = {
  x86_64: { oci: ['amd64'], debian: 'amd64', aliases: ['generic_64', 'amd64/v1'] },
  i686: { oci: ['386'], debian: 'i386', aliases: ['i586', 'x86', 'generic_32'] },
  aarch64: { oci: ['arm64'], debian: 'arm64', aliases: ['arm64_generic', 'arm64/v8'] },
  armv8l: { oci: ['arm', 'v8'], debian: 'armhf', aliases: [] },
  armv7l: { oci: ['arm', 'v7'], debian: 'armhf', aliases: ['armhfp', 'armv7', 'armv7a_hardfp', 'armv7a_vfpv3_hardfp'] },
  armv6l: { oci: ['arm', 'v6'], debian: 'armel', aliases: ['arm'] },
  ppc64le: { oci: ['ppc64le'], debian: 'ppc64el', aliases: [] },
  ppc64: { oci: ['ppc64'], debian: 'ppc64', aliases: ['powerpc64'] },
  ppc: { oci: ['ppc'], debian: 'powerpc', aliases: [] },
  s390x: { oci: ['s390x'], debian: 's390x', aliases: [] },
  mips: { oci: ['mips'], debian: 'mips', aliases: ['mipsel'] },
  mips64: { oci: ['mips64'], debian: 'mips64', aliases: ['mips64el', 'mips64le'] },
  riscv32: { oci: ['riscv32'], debian: 'riscv32', aliases: [] },
  riscv64: { oci: ['riscv64'], debian: 'riscv64', aliases: [] },
  loongarch64: { oci: ['loong64'], debian: 'loong64', aliases: [] },
}

const byName = new Map<string, Architecture>()
for (const name of architectures) {
  for (const alias of [name, table[name].oci.join('/'), ...table[name].aliases]) byName.set(alias, name)
}
// A Debian name that two share belongs to the one listed with that name as its usual port.
for (const name of architectures) if (!byName.has(table[name].debian)) byName.set(table[name].debian, name)
byName.set('armhf', 'armv7l')

/** The canonical name of an architecture given by any of its names, or undefined. */
export function findArchitecture(name: string): Architecture | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase())
}

/** As findArchitecture, but throws 'bad-input' naming `subject`. */
export function parseArchitecture(name: string, subject: string): Architecture {
  const found = findArchitecture(name)
  if (found) return found
  throw new IngotError('bad-input', `${subject}: architecture ${JSON.stringify(name)} is not known`, {
    hint: `Known: ${architectures.join(', ')} and their usual aliases.`,
  })
}

/** OCI's words (image-spec image-index.md "platform"). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

/** `linux/amd64` or `linux/arm/v7`. */
export function platformText(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
}

/** Normalises as containerd does: aarch64→arm64, armhf→arm/v7, arm64/v8→arm64, amd64/v1→amd64. */
export function normalisePlatform(platform: Platform): Platform {
  const text = [platform.architecture, platform.variant].filter(Boolean).join('/')
  const known = findArchitecture(text)
  return known ? { ...ociPlatform(known), os: platform.os } : platform
}

/** Parses `os/arch[/variant]`, `arch` or `arch/variant` in any naming. Throws 'usage'. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  const withOs = parts.length > 1 && findArchitecture(parts[0]!) === undefined ? parts : ['linux', ...parts]
  const [os, architecture, variant] = withOs
  if (!os || !architecture || withOs.length > 3) {
    throw new IngotError('usage', `${JSON.stringify(text)} is not a platform`, {
      hint: 'Write it like linux/amd64 or linux/arm/v7.',
    })
  }
  return normalisePlatform(variant ? { os, architecture, variant } : { os, architecture })
}

/** OCI's platform of a canonical architecture. */
export function ociPlatform(architecture: Architecture): Platform {
  const [name, variant] = table[architecture].oci
  return variant ? { os: 'linux', architecture: name, variant } : { os: 'linux', architecture: name }
}

/** Debian's and Proxmox VE's name of a canonical architecture. */
export function debianArchitecture(architecture: Architecture): string {
  return table[architecture].debian
}

/** The canonical architecture of this host. */
export function hostArchitecture(): Architecture {
  const names: Record<string, Architecture> = {
    x64: 'x86_64',
    arm64: 'aarch64',
    ia32: 'i686',
    arm: 'armv7l',
    loong64: 'loongarch64',
    ppc64: 'ppc64le',
  }
  return names[process.arch] ?? findArchitecture(process.arch) ?? 'x86_64'
}
