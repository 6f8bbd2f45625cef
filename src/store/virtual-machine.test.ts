import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore } from '../../test/support/store.ts'
import { listImages } from './catalog/list.ts'
import { exportImage } from './export.ts'
import { importImage } from './import.ts'

const folder = ownFolder('virtual-machine')
const warn = () => undefined

test.each([
  ['split', ['.lxd.tar', '.rootfs.qcow2']],
  ['unified', ['.tar']],
] as const)(
  'the image of a virtual machine, %s: stored and given out, and never taken for a tree',
  async (variant, suffixes) => {
    const paths = writeVirtualMachine(join(folder, 'inputs', variant), variant)
    await withStore(join(folder, `home-${variant}`), async (store) => {
      const reference = `lxd:${paths.join()}`
      const { fingerprint } = await importImage(store, reference, { aliases: ['vm'] })
      const sum = execFileSync('sh', ['-c', 'cat "$@" | sha256sum', 'sh', ...paths]).toString()
      expect(fingerprint).toBe(sum.slice(0, 64))
      expect(listImages(store.database)).toMatchObject([{ type: 'virtual-machine', format: 'lxd', variant }])
      const out = join(folder, `vm-${variant}`)
      const { files } = await exportImage(store, 'vm', { out, warn })
      expect(files.map((file) => file.path)).toEqual(
        suffixes.map((suffix) => out + (variant === 'split' ? suffix : '')),
      )
      for (const [i, file] of files.entries())
        expect(readFileSync(file.path).equals(readFileSync(paths[i]!))).toBe(true)
      const converted = exportImage(store, 'vm', { to: 'docker', out: join(folder, 'no'), warn })
      await expect(converted).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('disk') })
    })
  },
)

/** Files of a small virtual machine's image: metadata first. */
function writeVirtualMachine(path: string, variant: 'split' | 'unified'): string[] {
  mkdirSync(path, { recursive: true })
  const disk = Buffer.alloc(65536)
  disk.write('QFI\xfb\0\0\0\x03', 'latin1')
  writeFileSync(join(path, 'rootfs.img'), disk)
  writeFileSync(join(path, 'metadata.yaml'), 'architecture: x86_64\ncreation_date: 1700000000\n')
  const pack = (name: string, ...members: string[]) =>
    execFileSync('tar', ['-C', path, '-cf', join(path, name), ...members])
  if (variant === 'split') pack('meta.tar', 'metadata.yaml')
  else pack('vm.tar', 'metadata.yaml', 'rootfs.img')
  return variant === 'split' ? [join(path, 'meta.tar'), join(path, 'rootfs.img')] : [join(path, 'vm.tar')]
}
