import { type OpenedImage, type OpenOptions, openImage } from '../formats/pour.ts'

const prefix = 'image:'

/**
 * Opens what a reference names: a file or folder as openImage does, or with `image:NAME` an image of the store, by alias or the beginning
 * of a fingerprint. Throws as openImage, findServedImage and openStoredImage do.
 */
export async function openReference(reference: string, options: OpenOptions = {}): Promise<OpenedImage> {
  if (!reference.startsWith(prefix)) return await openImage(reference, options)
  const { defaultHome } = await import('../host/home.ts')
  const { openStore } = await import('../store/store.ts')
  const { findServedImage } = await import('../store/find.ts')
  const { openStoredImage } = await import('../store/stored-image.ts')
  const { noteUse } = await import('../store/use.ts')
  const { formatNamed } = await import('../formats/registry.ts')
  const store = await openStore(defaultHome())
  try {
    const which = options.architecture === undefined ? {} : { architecture: options.architecture }
    const found = await findServedImage(await store.catalog(), reference.slice(prefix.length), which)
    noteUse(store.database, found.id)
    return { format: formatNamed(found.record.format), image: await openStoredImage(store, found, options) }
  } finally {
    store.close()
  }
}
