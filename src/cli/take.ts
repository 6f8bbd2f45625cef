import { basename } from 'node:path'
import type { Rendition } from '../formats/types.ts'
import { shellWord } from '../image/shell-word.ts'

/** The one command with which a user of that world takes a rendition. `name` is the image's name, like `debian/12`. */
export function takeCommand(rendition: Rendition, name: string): string {
  const paths = pathsOf(rendition).map(shellWord)
  const [first] = paths
  switch (rendition.format) {
    case 'lxd':
      return `lxc image import ${paths.join(' ')} --alias ${shellWord(name)}`
    case 'docker':
      return `docker load -i ${first}`
    case 'oci-archive':
      return `podman load -i ${first}`
    case 'oci':
      return `skopeo copy oci:${first}:${shellWord(rendition.names?.[0] ?? name)} containers-storage:${shellWord(name)}`
    case 'proxmox':
      return `pct create 100 ${first} --rootfs local-lvm:4 --unprivileged 1 --features nesting=1`
    case 'dir':
      return `systemd-nspawn -D ${first}`
    default:
      return `tar --numeric-owner --xattrs --xattrs-include='*' -xpf ${first} -C ROOT`
  }
}

/** One line for a rendition's identity, shortened as lxc and docker do. */
export function identity(rendition: Rendition): string {
  if (rendition.digest) return rendition.digest.slice(0, 'sha256:'.length + 12)
  return rendition.fingerprint?.slice(0, 12) ?? ''
}

/** File names without their folder, joined as the format's reference joins them. */
export function fileNames(rendition: Rendition): string {
  return pathsOf(rendition)
    .map((path) => basename(path))
    .join(' + ')
}

/** Of the files, or of the directory that it is. */
export function pathsOf({ files, folder }: Rendition): readonly string[] {
  return folder === undefined ? files.map((file) => file.path) : [folder]
}
