import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../../with-store.ts'
import { addWhichOptions, type WhichFlags } from './which.ts'

export function editCommand(): Command {
  const command = new Command('edit')
    .description('change an image in $EDITOR: public, auto update, expiry, properties; or from standard input')
    .argument('<image>', 'alias, or beginning of a fingerprint')
  return addStoreOptions(addWhichOptions(command)).action(async (name: string, flags: StoreFlags & WhichFlags) => {
    const { findImage } = await import('../../../store/find.ts')
    const { changeImage } = await import('../../../store/changes.ts')
    const { editDocument, parseEdited } = await import('../../edit-document.ts')
    const { editText } = await import('../../edit-text.ts')
    const { collect } = await import('../../../image/stream.ts')
    await withStore(flags, async (store) => {
      const { id, record } = await findImage(await store.catalog(), name, flags)
      const changes = process.stdin.isTTY
        ? await editText(editDocument(record), parseEdited)
        : parseEdited((await collect(process.stdin)).toString())
      if (changes === undefined) return void process.stderr.write('nothing was changed\n')
      await store.exclusively((catalog) => changeImage(catalog, id, changes))
    })
  })
}
