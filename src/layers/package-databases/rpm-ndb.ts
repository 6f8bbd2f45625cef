const [headerMagic, slotMagic, blobMagic] = ['RpmP', 'Slot', 'BlbS']
const pageSize = 4096
const [slotSize, blockSize, blobHeader] = [16, 16, 16]

/**
 * The headers in an ndb database of rpm (its lib/backend/ndb/rpmpkg.c): pages of slots, which say in which blocks of 16 bytes a package's
 * blob begins. All numbers are of 32 bits, the lowest byte first. Throws for what is no such database.
 */
export function headersOfNdb(file: Buffer): readonly Buffer[] {
  if (file.length < pageSize || !hasMagic(file, 0, headerMagic)) throw new Error('it is no ndb database')
  const end = file.readUInt32LE(12) * pageSize
  if (end > file.length) throw new Error('it is cut short')
  const headers: Buffer[] = []
  const seen = new Set<number>()
  // The file's own header takes the place of two slots.
  for (let at = 2 * slotSize; at < end; at += slotSize) {
    if (!hasMagic(file, at, slotMagic)) throw new Error('a slot is damaged')
    const start = file.readUInt32LE(at + 8) * blockSize
    if (file.readUInt32LE(at + 4) === 0 || start === 0 || seen.has(start)) continue
    seen.add(start)
    if (start + blobHeader > file.length || !hasMagic(file, start, blobMagic)) throw new Error('a package is damaged')
    const length = file.readUInt32LE(start + 12)
    if (start + blobHeader + length > file.length) throw new Error('a package is cut short')
    headers.push(file.subarray(start + blobHeader, start + blobHeader + length))
  }
  return headers
}

function hasMagic(file: Buffer, at: number, magic: string): boolean {
  return file.toString('latin1', at, at + magic.length) === magic
}
