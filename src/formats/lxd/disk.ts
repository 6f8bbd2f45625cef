import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import { entriesLayer } from '../../layers/entries-layer.ts'

/** How much of a disk is looked at: the header of version 3. */
export const diskHeadBytes = 104

const externalDataFile = 1n << 2n

/** Whether a file that begins so is a qcow2 disk (QEMU docs/interop/qcow2). */
export function isQcow2(head: Buffer): boolean {
  return head.length >= 4 && head.toString('latin1', 0, 4) === 'QFI\xfb'
}

/**
 * Checks the start of a virtual machine's disk. Throws 'bad-input' for what is no qcow2, and for one that names other files: whoever
 * starts it would have them read from its own host.
 */
export function checkDisk(head: Buffer, subject: string): void {
  const refuse = (what: string) => new IngotError('bad-input', `${subject}: ${what}`)
  const version = isQcow2(head) && head.length >= 72 ? head.readUInt32BE(4) : 0
  if (version !== 2 && !(version === 3 && head.length >= diskHeadBytes)) {
    throw refuse('the disk of a virtual machine must be a qcow2 file of version 2 or 3')
  }
  if (head.readBigUInt64BE(8) !== 0n) throw refuse('the disk is only what differs from another file, which it names')
  const external = version === 3 && (head.readBigUInt64BE(72) & externalDataFile) !== 0n
  if (external) throw refuse('the disk has its data in another file, which it names')
}

/** In place of a tree: reading it throws 'unsupported'. */
export function diskLayer(name: string): Layer {
  return entriesLayer(name, () => {
    throw new IngotError(
      'unsupported',
      `${name}: the image of a virtual machine, which has a disk and no root file system tree`,
      { hint: 'Use the container image of the same release.' },
    )
  })
}
