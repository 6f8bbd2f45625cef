import { IngotError } from '../../image/error.ts'
import type { StoreBase } from '../../recipe/bases/image.ts'
import { findServedImage } from '../../store/find.ts'
import { openStore } from '../../store/store.ts'
import { noteUse } from '../../store/use.ts'
import type { BaseBuilder } from './types.ts'

/** An image of the same home's store; all its bytes are verified on the way. */
export const storeBase: BaseBuilder<StoreBase> = {
  title: ({ name }) => `image ${name}`,
  async identity({ name, fingerprint }, { home, architecture }) {
    const store = await openStore(home.path)
    try {
      const { id, record } = await findServedImage(await store.catalog(), name, { architecture })
      noteUse(store.database, id)
      const found = record.fingerprint
      if (fingerprint === undefined || found === fingerprint) return found
      throw new IngotError('corrupt', `the image ${name} is ${found}, not ${fingerprint}`)
    } finally {
      store.close()
    }
  },
  async fill({ name }, context) {
    const { openStoredImage } = await import('../../store/stored-image.ts')
    const { fillFromImage } = await import('./tree.ts')
    const store = await openStore(context.home.path)
    try {
      const found = await findServedImage(await store.catalog(), name, { architecture: context.architecture })
      const image = await openStoredImage(store, found)
      return await fillFromImage(image, context)
    } finally {
      store.close()
    }
  },
}
