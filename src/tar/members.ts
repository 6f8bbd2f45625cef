import type { ByteString } from '../image/bytes.ts'
import { displayBytes } from '../image/bytes.ts'
import { bodySize, type Entry } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import type { ByteFile } from '../image/stream.ts'
import { byteRange, sparseFile } from './byte-range.ts'
import { Cursor } from './cursor.ts'
import { fileSource } from './file-source.ts'
import { type MemberLink, resolveLinks } from './member-links.ts'
import { TarScanner } from './scan.ts'

const maxMembers = 1_000_000
/** Most bytes that all names and link targets may take together. */
const maxNameBytes = 256 * 1024 * 1024

/**
 * Where each file of an uncompressed archive lies: member name (canonical: no leading `./` or `/`) to its bytes. Reads
 * headers only and seeks over bodies. A name that comes twice means its last entry, as on extraction.
 *
 * Hard links and symlinks to files of the archive stand for those files (`../ID/layer.tar` of old `docker save`, over
 * any number of links). Directories, devices, and links that loop, dangle or lead out of the archive are not listed.
 *
 * Throws as readTar does ('bad-input' for `..` in a name …), and 'limit' beyond 1,000,000 members.
 */
export async function indexMembers(file: ByteFile): Promise<ReadonlyMap<ByteString, ByteFile>> {
  const members = new Map<ByteString, ByteFile>()
  const links = new Map<ByteString, MemberLink>()
  let count = 0
  let nameBytes = 0
  await scanMembers(file, (entry, scanner) => {
    count++
    nameBytes += entry.path.length + entry.linkTarget.length
    if (count > maxMembers || nameBytes > maxNameBytes) {
      throw new IngotError('limit', `${file.name}: more than ${maxMembers} members, or too much in names`)
    }
    if (entry.type === 'hardlink' && entry.linkTarget === entry.path) return true
    members.delete(entry.path)
    links.delete(entry.path)
    if (entry.type === 'file') members.set(entry.path, memberFile(file, entry, scanner))
    else if (entry.type === 'hardlink') {
      const target = members.get(entry.linkTarget)
      if (target !== undefined) members.set(entry.path, target)
      else links.set(entry.path, { type: 'hardlink', target: entry.linkTarget })
    } else if (entry.type === 'symlink') links.set(entry.path, { type: 'symlink', target: entry.linkTarget })
    return true
  })
  resolveLinks(members, links)
  return members
}

/**
 * Whether an uncompressed archive's members are named with a leading `./`: told by the first one that is not the root
 * directory itself. False for an archive without members. Throws as indexMembers does.
 */
export async function membersHaveDotPrefix(file: ByteFile): Promise<boolean> {
  let answer = false
  await scanMembers(file, (entry, scanner) => {
    answer = scanner.rawName.startsWith('./')
    return entry.path === ''
  })
  return answer
}

/** Calls `visit` for each entry with the scanner on its first byte of data, until it answers false. */
async function scanMembers(file: ByteFile, visit: (entry: Entry, scanner: TarScanner) => boolean): Promise<void> {
  const cursor = new Cursor(fileSource(file))
  const scanner = new TarScanner(cursor, { name: file.name, absoluteNames: 'strip' })
  try {
    for (;;) {
      const entry = await scanner.next()
      if (entry === undefined || !visit(entry, scanner)) return
    }
  } finally {
    await cursor.close()
  }
}

function memberFile(file: ByteFile, entry: Entry, scanner: TarScanner): ByteFile {
  const name = `${file.name}: ${displayBytes(entry.path)}`
  const stored = byteRange(file, scanner.cursor.offset, bodySize(entry), name)
  return entry.sparse === undefined ? stored : sparseFile(stored, entry.sparse, entry.size)
}
