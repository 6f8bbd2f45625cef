import { IngotError } from '../../image/error.ts'
import { type ByteFile, readHead } from '../../image/stream.ts'

const superblockBytes = 96

/** Whether a file begins like a squashfs (`hsqs`). */
export async function isSquashfs(file: ByteFile): Promise<boolean> {
  return (await readHead(file, 4)).toString('latin1') === 'hsqs'
}

/**
 * Checks the superblock (kernel Documentation/filesystems/squashfs.rst): version 4.0, and no longer than the file.
 * Throws 'bad-input', and 'corrupt' for a file that was cut short.
 */
export async function checkSuperblock(file: ByteFile): Promise<void> {
  const head = await readHead(file, superblockBytes)
  if (head.length < superblockBytes) throw new IngotError('corrupt', `${file.name}: cut short inside the superblock`)
  const [major, minor] = [head.readUInt16LE(28), head.readUInt16LE(30)]
  if (major !== 4 || minor !== 0) {
    throw new IngotError('bad-input', `${file.name}: squashfs version ${major}.${minor} is not supported, only 4.0`)
  }
  const bytesUsed = head.readBigUInt64LE(40)
  if (bytesUsed > BigInt(file.size)) {
    throw new IngotError(
      'corrupt',
      `${file.name}: cut short: its superblock says ${bytesUsed} bytes, the file has ${file.size}`,
      {
        hint: 'Fetch or copy the file again.',
      },
    )
  }
}
