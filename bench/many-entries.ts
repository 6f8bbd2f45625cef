import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { compress } from '../src/compression/compress.ts'
import { pour } from '../src/formats/pour.ts'
import { bodyOf, type Entry, emptyBody, makeHeader } from '../src/image/entry.ts'
import { emptyMetadata } from '../src/image/metadata.ts'
import { entriesLayer } from '../src/layers/entries-layer.ts'
import { writeTar } from '../src/tar/write.ts'

const total = 1_000_000
const base = 'usr/lib/python3/dist-packages'

/**
 * Entries `from` to `to` of a tree of a million: short files, a tenth directories; every hundredth file as `mark` says. With `owner`,
 * each file has an extended attribute of its own, too.
 */
async function* entries(from: number, to: number, mark = '', owner?: number): AsyncGenerator<Entry> {
  const folder = (path: string) => ({ ...makeHeader({ path, type: 'directory' }), body: emptyBody })
  for (const path of ['', 'usr', 'usr/lib', 'usr/lib/python3', base]) yield folder(path)
  for (let i = from; i < to; i++) {
    const outer = `${base}/package-${String(Math.floor(i / 1000)).padStart(4, '0')}`
    const inner = `${outer}/module-${String(Math.floor(i / 10)).padStart(6, '0')}`
    if (i % 1000 === 0) yield folder(outer)
    if (i % 10 === 0) yield folder(inner)
    else {
      const body = Buffer.from(`# file ${i} ${i % 100 === 7 ? mark : ''}\nprint(${(i * 7919) % 1000003})\n`)
      const path = `${inner}/file-${String(i).padStart(7, '0')}.py`
      const own = owner === undefined ? {} : { uid: owner, xattrs: new Map([['user.number', Buffer.from(`${i}`)]]) }
      yield { ...makeHeader({ path, type: 'file', size: body.length, ...own }), body: bodyOf(body) }
    }
  }
}

export interface ManyEntries {
  readonly a: string
  /** One file in a hundred is another than in `a`. */
  readonly b: string
  /** Each file has another owner and other extended attributes than in `a`. */
  readonly shifted: string
  readonly layout: string
}

/** Trees of a million entries as .tar.gz, and one as an OCI layout of three layers. */
export async function makeManyEntries(work: string): Promise<ManyEntries> {
  const [a, b, shifted] = ['a', 'b', 'shifted'].map((name) => join(work, `many-${name}.tar.gz`)) as [
    string,
    string,
    string,
  ]
  const layout = join(work, 'many')
  const write = async (path: string, stream: AsyncGenerator<Entry>) =>
    await pipeline(compress(writeTar(stream), { kind: 'gzip', level: 1 }), createWriteStream(path))
  await write(a, entries(0, total))
  await write(b, entries(0, total, 'changed'))
  await write(shifted, entries(0, total, '', 100_000))
  const third = total / 3 - ((total / 3) % 1000)
  const bounds = [0, third, 2 * third, total]
  const layers = [0, 1, 2].map((i) =>
    entriesLayer(`layer ${i}`, () => entries(bounds[i]!, bounds[i + 1]!), { whiteouts: true }),
  )
  const image = { source: 'many', names: ['many:1'], layers, metadata: async () => emptyMetadata('x86_64') }
  await pour([image], { to: 'oci', out: layout, compression: { kind: 'gzip', level: 1 }, warn: () => {} })
  return { a, b, shifted, layout: `oci:${layout}` }
}
