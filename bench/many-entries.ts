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

/** Entries `from` to `to` of a tree of a million: short files, a tenth directories; every hundredth file as `mark` says. */
async function* entries(from: number, to: number, mark = ''): AsyncGenerator<Entry> {
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
      yield { ...makeHeader({ path, type: 'file', size: body.length }), body: bodyOf(body) }
    }
  }
}

/** Two trees of a million entries as .tar.gz, one file in a hundred of which differs, and one as an OCI layout of three layers. */
export async function makeManyEntries(work: string): Promise<{ a: string; b: string; layout: string }> {
  const [a, b, layout] = [join(work, 'many-a.tar.gz'), join(work, 'many-b.tar.gz'), join(work, 'many')]
  for (const [path, mark] of [
    [a, ''],
    [b, 'changed'],
  ] as const) {
    await pipeline(compress(writeTar(entries(0, total, mark)), { kind: 'gzip', level: 1 }), createWriteStream(path))
  }
  const third = total / 3 - ((total / 3) % 1000)
  const bounds = [0, third, 2 * third, total]
  const layers = [0, 1, 2].map((i) =>
    entriesLayer(`layer ${i}`, () => entries(bounds[i]!, bounds[i + 1]!), { whiteouts: true }),
  )
  const image = { source: 'many', names: ['many:1'], layers, metadata: async () => emptyMetadata('x86_64') }
  await pour([image], { to: 'oci', out: layout, compression: { kind: 'gzip', level: 1 }, warn: () => {} })
  return { a, b, layout: `oci:${layout}` }
}
