import type { Architecture } from '../image/platform.ts'

/** Bytes of a file that `elfArchitecture` looks at. */
export const elfHeaderSize = 64

/** The architecture that an ELF program is for (ELF specification, "ELF Header"), or undefined when this is none. */
export function elfArchitecture(head: Buffer): Architecture | undefined {
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined
  const wide = head[4] === 2
  const big = head[5] === 2
  const machine = big ? head.readUInt16BE(18) : head.readUInt16LE(18)
  switch (machine) {
    case 0x3e:
      return 'x86_64'
    case 0x03:
      return 'i686'
    case 0xb7:
      return 'aarch64'
    case 0x28:
      return hardFloat(head) ? 'armv7l' : 'armv6l'
    case 0x15:
      return big ? 'ppc64' : 'ppc64le'
    case 0x14:
      return 'ppc'
    case 0x16:
      return 's390x'
    case 0x08:
      return wide ? 'mips64' : 'mips'
    case 0xf3:
      return wide ? 'riscv64' : 'riscv32'
    case 0x102:
      return 'loongarch64'
    default:
      return undefined
  }
}

/** EF_ARM_ABI_FLOAT_HARD in e_flags (ELF for the Arm architecture). */
function hardFloat(head: Buffer): boolean {
  return (head.readUInt32LE(36) & 0x400) !== 0
}
