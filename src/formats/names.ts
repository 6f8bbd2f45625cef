/** The variants of each format, the usual one first, by the format's name. */
export const variantsOf = {
  rootfs: [],
  dir: [],
  lxd: ['split-squashfs', 'split-tar', 'unified'],
  oci: ['dir'],
  'oci-archive': [],
  docker: [],
  proxmox: ['template', 'oci'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type FormatName = keyof typeof variantsOf

export const formatNames = Object.keys(variantsOf) as readonly FormatName[]
