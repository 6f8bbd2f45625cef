import type { Catalog } from './catalog/open.ts'

/** What is to go, by the ids of rows: images with all their renditions, and renditions by themselves. */
export interface Going {
  readonly images: ReadonlySet<number>
  readonly renditions: ReadonlySet<number>
}

/** Bytes of blobs that nothing needs any more. */
export interface Freed {
  /** When all of it goes. */
  readonly total: number
  /** When an image goes, and nothing else does. */
  readonly byImage: ReadonlyMap<number, number>
  /** When a rendition goes, and nothing else does. */
  readonly byRendition: ReadonlyMap<number, number>
}

interface Use {
  readonly digest: string
  readonly size: number
  readonly image: number
  readonly rendition: number
}

/** So many ids are looked for one by one; for more, all uses of all blobs are gone through. */
const few = 1000

/** What would be free, in one reading of the blobs' uses: only of those concerned, where these are few. */
export async function freedBy(catalog: Catalog, going: Going): Promise<Freed> {
  const [byImage, byRendition] = [new Map<number, number>(), new Map<number, number>()]
  let total = 0
  for await (const uses of usesByBlob(catalog, going)) {
    const [{ size, image, rendition }] = uses as [Use]
    const isGoing = (use: Use) => going.images.has(use.image) || going.renditions.has(use.rendition)
    if (uses.every(isGoing)) total += size
    if (uses.every((use) => use.image === image)) add(byImage, image, size)
    if (uses.every((use) => use.rendition === rendition)) add(byRendition, rendition, size)
  }
  return { total, byImage, byRendition }
}

function add(sums: Map<number, number>, id: number, size: number): void {
  sums.set(id, (sums.get(id) ?? 0) + size)
}

async function* usesByBlob(catalog: Catalog, going: Going): AsyncGenerator<readonly Use[]> {
  const { images, renditions } = going
  if (images.size + renditions.size === 0) return
  const all = catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_id')
    .select(['digest', 'size', 'image_id as image', 'rendition_id as rendition'])
    .orderBy('digest')
  const concerned = catalog
    .selectFrom('rendition_files')
    .innerJoin('renditions', 'renditions.id', 'rendition_id')
    .select('digest')
    .where((e) => {
      const ofImages = images.size > 0 ? [e('image_id', 'in', [...images])] : []
      return e.or(renditions.size > 0 ? [...ofImages, e('rendition_id', 'in', [...renditions])] : ofImages)
    })
  const query = images.size + renditions.size <= few ? all.where('digest', 'in', concerned) : all
  let uses: Use[] = []
  for await (const use of query.stream()) {
    if (uses.length > 0 && uses[0]!.digest !== use.digest) {
      yield uses
      uses = []
    }
    uses.push(use)
  }
  if (uses.length > 0) yield uses
}
