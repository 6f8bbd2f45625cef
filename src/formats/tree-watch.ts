import type { ByteString } from '../image/bytes.ts'
import type { Entry, EntryStream, EntryType } from '../image/entry.ts'
import type { ByteStream } from '../image/stream.ts'

/** What was seen of a tree while it went by. */
export interface TreeFindings {
  /** Number of entries. */
  readonly entries: number
  /** Whether a watched path was there, and as what. */
  has(path: ByteString): boolean
  type(path: ByteString): EntryType | undefined
  /** The content of a watched small file. */
  text(path: ByteString): string | undefined
}

export interface TreeWatch {
  /** Passes entries on and notes what is watched. */
  watch(entries: EntryStream): EntryStream
  readonly findings: TreeFindings
}

const maxText = 65536

/** Watches a stream for some paths (`paths`) and for the content of some small files (`texts`), without a second reading. */
export function watchTree(paths: Iterable<ByteString>, texts: Iterable<ByteString> = []): TreeWatch {
  const wantedTexts = new Set(texts)
  const wanted = new Set([...paths, ...wantedTexts])
  const types = new Map<ByteString, EntryType>()
  const contents = new Map<ByteString, Buffer[]>()
  let count = 0

  function note(entry: Entry): Entry {
    count++
    if (!wanted.has(entry.path)) return entry
    types.set(entry.path, entry.type)
    if (entry.type !== 'file' || !wantedTexts.has(entry.path) || entry.size > maxText) return entry
    const copy: Buffer[] = []
    contents.set(entry.path, copy)
    return { ...entry, body: copied(entry.body, copy) }
  }

  return {
    async *watch(entries) {
      for await (const entry of entries) yield note(entry)
    },
    findings: {
      get entries() {
        return count
      },
      has: (path) => types.has(path),
      type: (path) => types.get(path),
      text(path) {
        const chunks = contents.get(path)
        return chunks && Buffer.concat(chunks).toString('utf8')
      },
    },
  }
}

async function* copied(body: ByteStream, copy: Buffer[]): ByteStream {
  for await (const chunk of body) {
    copy.push(Buffer.from(chunk))
    yield chunk
  }
}

/** Where an init program may be: `/sbin` is often a link to `usr/sbin` or `usr/bin`. */
export const initPaths: readonly ByteString[] = ['sbin/init', 'usr/sbin/init', 'usr/bin/init', 'bin/init']

export function hasInit(tree: TreeFindings): boolean {
  return initPaths.some((path) => tree.has(path))
}
