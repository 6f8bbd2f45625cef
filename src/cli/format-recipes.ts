import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { ioError } from '../image/error.ts'
import { formatRecipe } from '../recipe/format.ts'

/** Formats files in place, each atomically, or only says which have another form (`check`). Returns how many had. */
export function formatFiles(paths: readonly string[], check: boolean): number {
  let others = 0
  for (const path of paths) {
    try {
      const text = readFileSync(path, 'utf8')
      const formatted = formatRecipe(text, path)
      if (formatted === text) continue
      others++
      process.stdout.write(`${path}\n`)
      if (check) continue
      const temporary = `${path}.${process.pid}.tmp`
      writeFileSync(temporary, formatted, { mode: statSync(path).mode })
      renameSync(temporary, path)
    } catch (error) {
      throw ioError(`format ${path}`, error)
    }
  }
  return others
}
