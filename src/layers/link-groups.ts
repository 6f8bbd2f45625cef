/** Which paths of a tree are names of one file. Only files with several names take memory. */
export class LinkGroups {
  /** The first name of the file behind each further name; paths by number. */
  readonly #files = new Map<number, number>()

  /** Notes a further name of the file at `target`. Returns the file's first name. */
  add(name: number, target: number): number {
    const file = this.fileOf(target)
    this.#files.set(name, file)
    return file
  }

  /** The first name of the file at a path: mostly the path itself. */
  fileOf(path: number): number {
    return this.#files.get(path) ?? path
  }

  /** The files, by first name, whose names are not all names of one file in the other tree. */
  splitIn(other: LinkGroups): ReadonlySet<number> {
    const split = new Set<number>()
    for (const [name, file] of this.#files) if (other.fileOf(name) !== other.fileOf(file)) split.add(file)
    return split
  }
}
