import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

export function editCommand(): Command {
  const command = new Command('edit')
    .description('change an image in $EDITOR: public, auto update, expiry, properties; or from standard input')
    .argument('<image>', 'alias, or beginning of a fingerprint')
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: StoreFlags & WhichFlags) => {
    const { findImage } = await import('../../../store/find.ts')
    const { changeImage, changeProperties } = await import('../../../store/changes.ts')
    const { changedSince, editDocument, parseEdited } = await import('../../edit-document.ts')
    const { editText } = await import('../../edit-text.ts')
    const { collect } = await import('../../../image/stream.ts')
    await withStore(flags, async (store) => {
      const { record } = await findImage(await store.catalog(), name, flags)
      const { isTTY } = process.stdin
      const edited = isTTY
        ? await editText(editDocument(record), parseEdited)
        : parseEdited((await collect(process.stdin)).toString())
      if (edited === undefined) return void process.stderr.write('nothing was changed\n')
      await store.exclusively((catalog) =>
        catalog.transaction().execute(async (inside) => {
          const now = await findImage(inside, record.fingerprint)
          const { properties, ...changes } = changedSince(isTTY ? record : now.record, edited)
          await changeImage(inside, now.id, changes)
          if (Object.keys(properties).length > 0) await changeProperties(inside, now.id, properties)
        }),
      )
    })
  })
}
