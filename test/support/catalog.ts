import type { ImageRecord } from '../../src/store/catalog/image-record.ts'
import { insertImage, moveAliases } from '../../src/store/new-image.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { aliases, imageRecord } from './image-record.ts'

/** Brings images into a store's catalog as they are, without blobs. An alias that two have goes to the latter. */
export async function addRecords(store: Store, records: readonly ImageRecord[]): Promise<void> {
  await store.exclusively((catalog) =>
    catalog.transaction().execute(async (inside) => {
      for (const record of records) {
        const blob = { digest: `sha256:${record.fingerprint}` as const, size: record.size, path: '' }
        const files = [{ kind: 'file', suffix: '.tar', name: '', blob }] as const
        const id = await insertImage(inside, { files, record }, record.uploadedAt)
        const times = { last_used_at: record.lastUsedAt ?? null, replaced_at: record.replacedAt ?? null }
        await inside.updateTable('images').set(times).where('id', '=', id).execute()
        await moveAliases(inside, { id, architecture: record.architecture, type: record.type }, record.aliases, 0)
      }
    }),
  )
}

const systems = ['debian', 'ubuntu', 'alpine', 'archlinux', 'fedora', 'gentoo']
const architectures = ['x86_64', 'aarch64', 'armv7l', 's390x'] as const

/**
 * A store whose catalog knows so many images, with aliases and properties as image servers have them, and no blobs. `prefix`: what
 * aliases and descriptions begin with.
 */
export async function makeCatalog(home: string, images: number, prefix = ''): Promise<void> {
  const store = await openStore(home)
  const records = Array.from({ length: images }, (_, i) => serverImage(i, prefix))
  await addRecords(store, records)
  store.close()
}

function serverImage(i: number, prefix: string): ImageRecord {
  const os = systems[i % systems.length]!
  const architecture = architectures[i % architectures.length]!
  const release = String(8 + (i % 13))
  const description = `${prefix}${os} ${release} ${architecture} (default) (20261121_${i})`
  const serial = `20261121_${i}`
  return imageRecord(`${i}`, {
    variant: 'split',
    architecture,
    size: 100_000_000 + i,
    public: i % 3 === 0,
    autoUpdate: true,
    cached: i % 2 === 0,
    createdAt: 1_790_000_000 + i,
    uploadedAt: 1_795_000_000 + i,
    lastUsedAt: i % 2 === 0 ? 1_795_000_000 + i : undefined,
    fileName: `${os}.tar.xz`,
    source: { protocol: 'simplestreams', server: 'https://images.example', alias: `${os}/${release}` },
    properties: { os, release, architecture, description, variant: 'default', serial, type: 'squashfs' },
    aliases: aliases(`${prefix}${os}/${release}/${i}`),
  })
}
