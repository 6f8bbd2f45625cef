import { Command } from 'commander'
import { IngotError } from '../../../image/error.ts'
import type { KeptAttachment } from '../../../store/attachments.ts'
import { jsonOption } from '../../options.ts'
import { formatBytes, renderTable } from '../../text.ts'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

interface Flags extends StoreFlags, WhichFlags {
  readonly format: 'table' | 'json'
}

export function attachmentsCommand(): Command {
  const command = new Command('attachments')
    .description('list what is attached to an image: where it comes from, SBOMs; or print one of them')
    .argument('<image>', 'alias, or beginning of a fingerprint')
    .argument(
      '[type]',
      'print the attachment of this type, such as application/spdx+json; a part that only one has is enough',
    )
    .addOption(jsonOption)
  return addStoreOptions(addWhichOptions(command)).action(
    async (name: string, type: string | undefined, flags: Flags) => {
      const { findServedImage } = await import('../../../store/find.ts')
      const { attachmentsOf, readAttachment } = await import('../../../store/attachments.ts')
      await withStore(flags, async (store) => {
        const found = await findServedImage(await store.catalog(), name, flags)
        const all = await attachmentsOf(store, found)
        if (type === undefined) return await list(all, flags.format)
        const exact = all.filter(({ artifactType }) => artifactType === type)
        const fits = exact.length > 0 ? exact : all.filter(({ artifactType }) => artifactType.includes(type))
        if (fits.length === 1) return void process.stdout.write(await readAttachment(store, fits[0]!))
        const known = all.map(({ artifactType }) => artifactType).join(', ') || 'nothing'
        throw new IngotError(
          fits.length === 0 ? 'not-found' : 'usage',
          `${fits.length} attachments of ${name} fit ${JSON.stringify(type)}; there is ${known}`,
        )
      })
    },
  )
}

async function list(attachments: readonly KeptAttachment[], format: 'table' | 'json'): Promise<void> {
  const rows = attachments.map(({ artifactType, manifest, content }) => ({
    type: artifactType,
    size: content.size,
    digest: manifest.digest,
  }))
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  const cells = rows.map(({ type, size, digest }) => [type, formatBytes(size), digest])
  process.stdout.write(renderTable(['TYPE', 'SIZE', 'DIGEST'], cells))
}
