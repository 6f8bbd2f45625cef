import type { ByteString } from '../image/bytes.ts'
import { NameTable, nowhere } from './name-table.ts'

/** A number for each path that was ever asked for, from 0 on; the root directory's is 0. Directories on the way get one too. */
export class PathTable {
  readonly #names = new NameTable()
  /** The directory of the path that was asked for last: the next one mostly stands in it, or below. */
  #folder = ''
  #folderNumber = 0

  /** How many paths have a number. */
  get count(): number {
    return this.#names.count
  }

  numberOf(path: ByteString): number {
    if (path === '') return 0
    const known = this.#folder !== '' && path.startsWith(this.#folder) && path[this.#folder.length] === '/'
    let at = known ? this.#folderNumber : 0
    let start = known ? this.#folder.length + 1 : 0
    const end = path.lastIndexOf('/')
    while (start <= end) {
      const slash = path.indexOf('/', start)
      at = this.#child(at, path, start, slash)
      start = slash + 1
    }
    if (at !== this.#folderNumber) {
      this.#folder = end < 0 ? '' : path.slice(0, end)
      this.#folderNumber = at
    }
    return this.#child(at, path, start, path.length)
  }

  pathOf(number: number): ByteString {
    return this.#names.pathOf(number)
  }

  /** All numbers: each directory before what it holds, names in byte order. */
  inTreeOrder(): Iterable<number> {
    return this.#names.inTreeOrder()
  }

  #child(folder: number, path: ByteString, start: number, end: number): number {
    const there = this.#names.child(folder, path, start, end)
    return there === nowhere ? this.#names.addName(folder, path, start, end) : there
  }
}
