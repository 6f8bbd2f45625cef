import { type EntryHeader, makeHeader } from '../image/entry.ts'
import { hashContent, type PathRecord, recordOf, type TestItem, type TreeRecords } from './test-tree.ts'

// A root file system the way one would write it down first: objects for names and inodes, layers extracted one by one. It is slow and
// holds everything; `flatten` must come to the same tree.

interface Inode {
  header: EntryHeader
  content: string
  readonly children: Map<string, Name> | undefined
}

/** A name in a directory, and the layer that wrote it. */
interface Name {
  inode: Inode
  layer: number
}

/** What the model does not accept: `flatten` must answer 'bad-input'. */
export class Refused extends Error {}

export class ModelTree {
  #root: Name = { inode: newFolder(), layer: -1 }

  /** Extracts one entry of a layer inside the root. Throws Refused, and then has changed nothing. */
  apply(item: TestItem, layer: number, whiteouts: boolean): void {
    const parts = item.header.path.split('/')
    const name = parts.at(-1)!
    if (whiteouts && name === '.wh..wh..opq') this.#empty(this.#openFolder(parts.slice(0, -1), layer), layer)
    else if (whiteouts && name.startsWith('.wh.')) this.#hide([...parts.slice(0, -1), name.slice(4)], layer)
    else if (item.header.path === '') this.#root.inode = { ...this.#root.inode, header: item.header }
    else this.#add(item, parts, layer)
  }

  #add(item: TestItem, parts: readonly string[], layer: number): void {
    const name = parts.at(-1)!
    const linked = item.header.type === 'hardlink' ? this.#linkTarget(item.header.linkTarget) : undefined
    const folder = this.#openFolder(parts.slice(0, -1), layer)
    const there = folder.get(name)
    if (linked) {
      // A link to itself changes nothing; one more entry for a name that is a link already makes the name this layer's.
      if (there !== linked) folder.set(name, { inode: linked.inode, layer })
    } else if (item.header.type === 'directory' && there?.inode.children) {
      folder.set(name, { inode: { ...there.inode, header: item.header }, layer })
    } else {
      folder.set(name, { inode: newInode(item), layer })
    }
  }

  records(): TreeRecords {
    const found = new Map<string, PathRecord>()
    const names = new Map<Inode, string[]>()
    const visit = (path: string, { inode }: Name): void => {
      found.set(path, recordOf(inode.header, inode.content))
      if (!inode.children) names.set(inode, [...(names.get(inode) ?? []), path])
      for (const [name, child] of inode.children ?? []) visit(path === '' ? name : `${path}/${name}`, child)
    }
    visit('', this.#root)
    for (const group of names.values()) {
      const joined = group.length > 1 ? [...group].sort().join(' ') : ''
      for (const path of group) found.set(path, { ...found.get(path)!, names: joined })
    }
    return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #linkTarget(path: string): Name {
    const parts = path.split('/')
    const folder = this.#resolve(parts.slice(0, -1))
    const target = folder?.inode.children?.get(parts.at(-1)!)
    if (!target || target.inode.children) throw new Refused(`link to ${path}`)
    return target
  }

  /** The directory at a path, made where it is missing. */
  #openFolder(parts: readonly string[], layer: number): Map<string, Name> {
    // A first walk, so that a loop is found before anything is changed.
    for (let i = 1; i <= parts.length; i++) this.#resolve(parts.slice(0, i))
    let at = this.#root
    for (const part of parts) {
      const children = at.inode.children!
      const there = children.get(part)
      const end = there && this.#end(at, part)
      if (end?.inode.children) {
        at = end
        continue
      }
      at = { inode: newFolder(), layer }
      children.set(part, at)
    }
    return at.inode.children!
  }

  /** Where a name in a directory leads when it is a symlink, perhaps nowhere. */
  #end(folder: Name, part: string): Name | undefined {
    return this.#walk(folder, [part], 0)
  }

  #resolve(parts: readonly string[]): Name | undefined {
    return this.#walk(this.#root, parts, 0)
  }

  #walk(from: Name, parts: readonly string[], depth: number): Name | undefined {
    if (depth > 40) throw new Refused('a loop')
    const [part, ...rest] = parts
    if (part === undefined) return from
    if (part === '' || part === '.') return this.#walk(from, rest, depth)
    if (!from.inode.children) return undefined
    if (part === '..') return this.#walk(this.#parentOf(from), rest, depth)
    const there = from.inode.children.get(part)
    if (there?.inode.header.type !== 'symlink') return there && this.#walk(there, rest, depth)
    const target = there.inode.header.linkTarget
    return this.#walk(target.startsWith('/') ? this.#root : from, [...target.split('/'), ...rest], depth + 1)
  }

  #parentOf(wanted: Name): Name {
    const search = (at: Name): Name | undefined => {
      for (const child of at.inode.children?.values() ?? []) {
        const found = child === wanted ? at : search(child)
        if (found) return found
      }
      return undefined
    }
    return search(this.#root) ?? this.#root
  }

  #hide(parts: readonly string[], layer: number): void {
    const folder = this.#resolve(parts.slice(0, -1))?.inode.children
    const name = folder?.get(parts.at(-1)!)
    if (folder && name && !this.#survives(name, layer)) folder.delete(parts.at(-1)!)
  }

  #empty(folder: Map<string, Name>, layer: number): void {
    for (const [name, child] of folder) if (!this.#survives(child, layer)) folder.delete(name)
  }

  /** Removes what lower layers wrote; whether something is left. */
  #survives(name: Name, layer: number): boolean {
    const { children } = name.inode
    if (children) this.#empty(children, layer)
    if (name.layer >= layer) return true
    if (!children || children.size === 0) return false
    name.inode = { ...newFolder(), children }
    name.layer = layer
    return true
  }
}

function newFolder(): Inode {
  return { header: makeHeader({ path: '', type: 'directory' }), content: '', children: new Map() }
}

function newInode({ header, data }: TestItem): Inode {
  const children = header.type === 'directory' ? new Map<string, Name>() : undefined
  return { header, content: header.type === 'file' ? hashContent(header, data) : '', children }
}
