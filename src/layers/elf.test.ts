import { expect, test } from 'vitest'
import { elfArchitecture } from './elf.ts'

function head(machine: number, options: { wide?: boolean; big?: boolean; flags?: number } = {}): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, options.wide === false ? 1 : 2, options.big ? 2 : 1, 1])
  if (options.big) bytes.writeUInt16BE(machine, 18)
  else bytes.writeUInt16LE(machine, 18)
  bytes.writeUInt32LE(options.flags ?? 0, 36)
  return bytes
}

test.each([
  ['x86_64', head(0x3e)],
  ['i686', head(0x03, { wide: false })],
  ['aarch64', head(0xb7)],
  ['armv7l', head(0x28, { wide: false, flags: 0x5000400 })],
  ['armv6l', head(0x28, { wide: false, flags: 0x5000200 })],
  ['ppc64le', head(0x15)],
  ['ppc64', head(0x15, { big: true })],
  ['ppc', head(0x14, { wide: false, big: true })],
  ['s390x', head(0x16, { big: true })],
  ['mips', head(0x08, { wide: false, big: true })],
  ['mips64', head(0x08)],
  ['riscv64', head(0xf3)],
  ['riscv32', head(0xf3, { wide: false })],
  ['loongarch64', head(0x102)],
])('%s', (architecture, bytes) => {
  expect(elfArchitecture(bytes)).toBe(architecture)
})

test('no ELF, too short, or a machine that is not known', () => {
  expect(elfArchitecture(Buffer.from('#!/bin/sh\n'.padEnd(64)))).toBeUndefined()
  expect(elfArchitecture(head(0x3e).subarray(0, 20))).toBeUndefined()
  expect(elfArchitecture(Buffer.alloc(0))).toBeUndefined()
  expect(elfArchitecture(head(0x9999))).toBeUndefined()
})
