import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../host/run.ts'
import { temporaryFolder } from '../host/temporary.ts'
import { IngotError, messageOf } from '../image/error.ts'

/** What stands in the first two lines, so that the others keep their numbers when an error does. */
const quiet = ['#', '#']

/**
 * Opens a text in $VISUAL, $EDITOR or vi. A mistake, which `parse` throws as 'bad-input', opens it again with the error at its top,
 * until it is right; undefined when it was left as it was. Throws 'command-failed' when the editor fails.
 */
export async function editText<T>(text: string, parse: (text: string) => T): Promise<T | undefined> {
  const folder = await temporaryFolder({ prefix: 'ingot-edit-' })
  const path = join(folder.path, 'image.yaml')
  try {
    for (let shown = [...quiet, text].join('\n'); ; ) {
      await writeFile(path, shown, { mode: 0o600 })
      await run('sh', ['-c', `${process.env.VISUAL || process.env.EDITOR || 'vi'} "$1"`, 'sh', path], {
        stdio: 'inherit',
      })
      const edited = await readFile(path, 'utf8')
      if (edited === shown) return undefined
      try {
        return parse(edited)
      } catch (error) {
        if (!(error instanceof IngotError)) throw error
        const head = [`# ERROR: ${messageOf(error)}`, '# Leave it as it is to change nothing.']
        shown = [...head, ...edited.split('\n').slice(2)].join('\n')
      }
    }
  } finally {
    await folder.remove()
  }
}
