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

/**
 * Puts a built image into the store as an OCI image, which holds all that a recipe can say, and copies of the files that it was
 * poured into as renditions of it. `recipe`: path of the recipe.
 */
export async function keepBuilt(
  store: Store,
  image: SystemImage,
  recipe: string,
  poured: readonly Poured[],
): Promise<Kept> {
  const origin = { source: { protocol: 'build', server: recipe, alias: image.names[0] ?? '' }, fileName: '' }
  const input = { display: image.source, parts: [] }
  const kept = await keepImage(
    store,
    (staging) => takeIn(staging, 'oci', input, image, true),
    await image.metadata(),
    origin,
    { aliases: image.names },
  )
  const found = await findImage(await store.catalog(), kept.fingerprint)
  for (const { wish, rendition } of poured) {
    if (rendition.files.length > 0) await insertPoured(store, found, wish, rendition)
  }
  return kept
}
