import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder, withStore, writeImage } from '../../test/support/store.ts'
import type { Attachment } from '../formats/oci/attachment.ts'
import { digestOf } from '../image/digest.ts'
import { collect } from '../image/stream.ts'
import { attachmentsOf, attachTo, readAttachment } from './attachments.ts'
import { checkStore } from './check.ts'
import { deleteImages } from './delete.ts'
import { findImage } from './find.ts'
import { importImage } from './import.ts'
import { prune } from './lifecycle/prune.ts'
import { storeFolders } from './store.ts'

const folder = ownFolder('attachments')
const inputs = join(folder, 'inputs')
const sbom = (text: string): Attachment => ({ artifactType: 'application/spdx+json', content: Buffer.from(text) })
const other: Attachment = { artifactType: 'application/x', annotations: { a: 'b' }, content: Buffer.from('other') }

test('what is attached is an OCI artifact about the image; another one of its type takes its place', async () => {
  const reference = await writeImage(inputs, 'image', 'oci')
  await withStore(join(folder, 'home'), async (store) => {
    const { fingerprint } = await importImage(store, reference, { aliases: ['image'] })
    const image = await findImage(await store.catalog(), 'image')
    const blobs = () => readdirSync(storeFolders(store.path).blobs)
    const before = blobs()
    await attachTo(store, image, [sbom('one'), other])
    await attachTo(store, image, [sbom('two')])
    await attachTo(store, image, [sbom('two')])
    // Two manifests, two contents, and the configuration that they share.
    expect(blobs()).toHaveLength(before.length + 5)
    const kept = await attachmentsOf(store, image)
    expect(kept.map(({ artifactType }) => artifactType)).toEqual(['application/spdx+json', 'application/x'])
    expect((await readAttachment(store, kept[0]!)).toString()).toBe('two')
    const manifest = await collect((await store.blobs.open(kept[1]!.manifest.digest)).open())
    expect(JSON.parse(manifest.toString())).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/x',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2 },
      layers: [{ mediaType: 'application/x', digest: digestOf(other.content), size: 5, annotations: { a: 'b' } }],
      subject: {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${fingerprint}`,
        size: expect.any(Number),
      },
    })
    expect(await checkStore(store, false)).toEqual([])
    // Renditions have their time; what is said of an image does not.
    expect((await prune(store, { now: 4_000_000_000 })).removed).toEqual([])
    expect(await attachmentsOf(store, image)).toHaveLength(2)
    await deleteImages(store, ['image'])
    expect(blobs()).toEqual([])
  })
})

test('an image that is kept as one file has no manifest to attach to', async () => {
  const reference = await writeImage(inputs, 'single', 'rootfs')
  await withStore(join(folder, 'single-home'), async (store) => {
    await importImage(store, reference, { aliases: ['single'] })
    const image = await findImage(await store.catalog(), 'single')
    await expect(attachTo(store, image, [other])).rejects.toThrow('has no OCI manifest')
    expect(await attachmentsOf(store, image)).toEqual([])
  })
})
