import type { Rendition } from '../formats/types.ts'
import type { SystemImage } from '../image/system-image.ts'
import { findImage } from './find.ts'
import { type Kept, keepImage } from './keep.ts'
import { insertPoured, type RenditionWish } from './renditions.ts'
import type { Store } from './store.ts'
import { takeIn } from './take-in.ts'

/** A format that a built image was poured into already. */
export interface Poured {
  readonly wish: RenditionWish
  readonly rendition: Rendition
}

/** Puts a built image into the store as an OCI image, which holds all that a recipe can say. `recipe`: path of the recipe. */
export async function keepBuilt(store: Store, image: SystemImage, recipe: string): Promise<Kept> {
  const origin = { source: { protocol: 'build', server: recipe, alias: image.names[0] ?? '' }, fileName: '' }
  const input = { display: image.source, parts: [] }
  return await keepImage(
    store,
    (staging) => takeIn(staging, 'oci', input, image, true),
    await image.metadata(),
    origin,
    { aliases: image.names },
  )
}

/** Keeps copies of the files that a stored image was poured into as renditions of it. */
export async function keepPoured(store: Store, fingerprint: string, poured: readonly Poured[]): Promise<void> {
  const found = await findImage(await store.catalog(), fingerprint)
  for (const { wish, rendition } of poured) {
    if (rendition.files.length > 0) await insertPoured(store, found, wish, rendition)
  }
}
