import { type ByteString, displayBytes } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'
import { directory, NodeTable, nowhere, other, symlink } from './node-table.ts'

/** The file behind several names: where its content stands. */
export interface Inode {
  readonly layer: number
  readonly ordinal: number
}

/** What the entry of a directory says of it, but for its path. A tree may have very many: no more is kept. */
export type FolderAttributes = Pick<EntryHeader, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>

/** What adding an entry did. */
export interface Added {
  readonly node: number
  /** Directories that had to be made on the way. */
  readonly made: readonly number[]
  /** Something was there before, or in the way. */
  readonly replaced: boolean
}

/** Most symlinks that one path may lead through, as in Linux (path_resolution(7)). */
const symlinkLimit = 40

/** Longest path for which missing directories are made, PATH_MAX of Linux: else a header of 64 KiB would make 32,000 of them. */
const longestMade = 4096

/** What is left of it; below zero when it was not enough. */
interface Budget {
  left: number
}

/** A directory that a path led to, and how many symlinks more it might have led through. */
interface Opened {
  readonly path: ByteString
  readonly folder: number
  readonly left: number
}

const root = 0
const none: readonly number[] = []
const atRoot: Opened = { path: '', folder: root, left: symlinkLimit }

/**
 * A file system tree without contents, to which the entries of layers are applied one by one as an extraction inside the
 * image's root would (OCI image-spec layer.md "Applying Changesets"). Nodes are numbers of its table; the root is 0.
 */
export class Tree {
  readonly nodes: NodeTable
  /** Of directories that have an entry, unless they were not wanted. */
  readonly folders = new Map<number, FolderAttributes>()
  /** Of nodes that are names of one file, together or in former times with others. */
  readonly inodes = new Map<number, Inode>()
  readonly #targets = new Map<number, ByteString>()
  readonly #keepDirlinks: boolean
  readonly #pathsOnly: boolean
  /** The last one: the next entry mostly stands in it, or below. What is added cannot lead its path elsewhere, what is taken away can. */
  #opened = atRoot

  /**
   * `keepDirlinks`: a directory's entry over a symlink to a directory leaves the symlink, as Incus unpacks. `pathsOnly`: takes less
   * memory, and no whiteouts; `folders` stays empty.
   */
  constructor(options: { readonly keepDirlinks?: boolean; readonly pathsOnly?: boolean } = {}) {
    this.#keepDirlinks = options.keepDirlinks ?? false
    this.#pathsOnly = options.pathsOnly ?? false
    this.nodes = new NodeTable({ children: !this.#pathsOnly })
  }

  /**
   * Adds an entry that is no hard link. `subject` names the layer in errors. Throws 'bad-input' when the path leads
   * through a loop of symlinks.
   */
  add(header: EntryHeader, layer: number, ordinal: number, subject: string): Added {
    const { nodes } = this
    const { path, type } = header
    if (path === '') return { node: root, made: none, replaced: this.#setDirectory(root, header, layer, ordinal) }
    const { folder, made, displaced } = this.#openFolder(path, parentEnd(path), layer, subject)
    const start = nameStart(path)
    const there = nodes.child(folder, path, start, path.length)
    if (there !== nowhere && type === 'directory') {
      const kind = nodes.kind(there)
      if (kind === directory) this.#setDirectory(there, header, layer, ordinal)
      if (kind === directory || (kind === symlink && this.#keepDirlinks && this.#leadsToDirectory(there))) {
        return { node: there, made, replaced: true }
      }
    }
    if (there !== nowhere) this.#drop(there)
    const kind = type === 'directory' ? directory : type === 'symlink' ? symlink : other
    const node = nodes.create(folder, path, start, path.length, kind, layer, ordinal)
    if (kind === directory) this.#noteFolder(node, header)
    if (kind === symlink) this.#targets.set(node, header.linkTarget)
    return { node, made, replaced: displaced || there !== nowhere }
  }

  /** Adds one more name of a file that is in the tree. Undefined when the target is not there (yet). */
  addLink(header: EntryHeader, layer: number, ordinal: number, subject: string): Added | undefined {
    const { nodes } = this
    const { path } = header
    const target = this.find(header.linkTarget, subject)
    if (target === undefined) return undefined
    const kind = nodes.kind(target)
    if (kind === directory) {
      throw new IngotError(
        'bad-input',
        `${subject}: ${displayBytes(path)} is a hard link to a directory, ${displayBytes(header.linkTarget)}`,
      )
    }
    const inode = this.inodes.get(target) ?? { layer: nodes.layer(target), ordinal: nodes.ordinal(target) }
    const symlinkTarget = this.#targets.get(target)
    const { folder, made, displaced } = this.#openFolder(path, parentEnd(path), layer, subject)
    const start = nameStart(path)
    const there = nodes.child(folder, path, start, path.length)
    if (there === target) return { node: target, made, replaced: true }
    this.inodes.set(target, inode)
    if (there !== nowhere) this.#drop(there)
    const node = nodes.create(folder, path, start, path.length, kind, layer, ordinal)
    this.inodes.set(node, inode)
    if (symlinkTarget !== undefined) this.#targets.set(node, symlinkTarget)
    return { node, made, replaced: displaced || there !== nowhere }
  }

  /** The node at a path; symlinks on the way are followed inside the root, the last component is not. */
  find(path: ByteString, subject: string): number | undefined {
    const budget = { left: symlinkLimit }
    const folder = this.#walk(root, path, parentEnd(path), budget)
    if (budget.left < 0) throw loopError(path, subject)
    if (path === '' || folder === nowhere || this.nodes.kind(folder) !== directory)
      return path === '' ? root : undefined
    const node = this.nodes.child(folder, path, nameStart(path), path.length)
    return node === nowhere ? undefined : node
  }

  /** The node at which a path ends when all symlinks are followed inside the root; undefined when it ends nowhere. */
  resolve(path: ByteString): number | undefined {
    const node = this.#walk(root, path, path.length, { left: symlinkLimit })
    return node === nowhere ? undefined : node
  }

  /** Takes a path away as far as layers below `layer` made it. */
  whiteout(path: ByteString, layer: number, subject: string): void {
    const node = this.find(path, subject)
    if (node !== undefined && node !== root) this.#prune(node, layer)
  }

  /** Takes everything in a directory away that layers below `layer` made. */
  opaque(path: ByteString, layer: number, subject: string): void {
    const { folder } = this.#openFolder(path, path.length, layer, subject)
    for (const child of this.nodes.children(folder)) this.#prune(child, layer)
  }

  /** A node and all below it, parents before children. */
  *subtree(top: number): Generator<number> {
    const stack = [top]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      yield node
      if (this.nodes.kind(node) === directory) for (const child of this.nodes.children(node)) stack.push(child)
    }
  }

  /** True when an entry had made it before. */
  #setDirectory(node: number, header: EntryHeader, layer: number, ordinal: number): boolean {
    const before = this.nodes.ordinal(node) >= 0
    this.#noteFolder(node, header)
    this.nodes.place(node, layer, ordinal)
    return before
  }

  #noteFolder(node: number, { mode, uid, gid, mtime, xattrs }: EntryHeader): void {
    if (!this.#pathsOnly) this.folders.set(node, { mode, uid, gid, mtime, xattrs })
  }

  #drop(node: number): void {
    this.#opened = atRoot
    this.nodes.remove(node)
    this.folders.delete(node)
    this.#targets.delete(node)
    this.inodes.delete(node)
  }

  /** Removes what layers below `layer` made. A directory of theirs in which something is left loses its attributes. */
  #prune(top: number, layer: number): void {
    const { nodes } = this
    const needed = new Set<number>()
    for (const node of [...this.subtree(top)].reverse()) {
      if (nodes.layer(node) < layer) {
        if (!needed.has(node)) {
          this.#drop(node)
          continue
        }
        this.folders.delete(node)
        nodes.place(node, layer, -1)
      }
      needed.add(nodes.parent(node))
    }
  }

  /**
   * Goes to the directory `path[0..end)`, following symlinks inside the root; makes what is missing, and puts a directory in
   * place of what is none.
   */
  #openFolder(
    path: ByteString,
    end: number,
    layer: number,
    subject: string,
  ): { folder: number; made: readonly number[]; displaced: boolean } {
    const { nodes } = this
    const known = isWithin(path, end, this.#opened.path) ? this.#opened : atRoot
    if (known.path.length === end) return { folder: known.folder, made: none, displaced: false }
    const budget = { left: known.left }
    const made: number[] = []
    let displaced = false
    let at = known.folder
    for (let start = known === atRoot ? 0 : known.path.length + 1, stop = 0; start < end; start = stop + 1) {
      stop = componentEnd(path, start, end)
      const there = nodes.child(at, path, start, stop)
      const folder = this.#follow(there, budget)
      if (budget.left < 0) throw loopError(path, subject)
      if (folder !== nowhere && nodes.kind(folder) === directory) {
        at = folder
        continue
      }
      if (there !== nowhere) {
        this.#drop(there)
        displaced = true
      }
      if (end > longestMade) throw tooDeep(path, subject)
      at = nodes.create(at, path, start, stop, directory, layer, -1)
      made.push(at)
    }
    this.#opened = { path: path.slice(0, end), folder: at, left: budget.left }
    return { folder: at, made, displaced }
  }

  #leadsToDirectory(link: number): boolean {
    const end = this.#follow(link, { left: symlinkLimit })
    return end !== nowhere && this.nodes.kind(end) === directory
  }

  /** What a node stands for: a symlink leads on. Nowhere when the budget is used up. */
  #follow(node: number, budget: Budget): number {
    if (node === nowhere || this.nodes.kind(node) !== symlink) return node
    if (--budget.left < 0) return nowhere
    const target = this.#targets.get(node)!
    const from = target.startsWith('/') ? root : this.nodes.parent(node)
    return this.#walk(from, target, target.length, budget)
  }

  /** Follows `path[0..end)` from a directory; `..` stops at the root, as in a chroot. */
  #walk(from: number, path: ByteString, end: number, budget: Budget): number {
    const { nodes } = this
    let at = from
    for (let start = 0, stop = 0; start < end && at !== nowhere; start = stop + 1) {
      stop = componentEnd(path, start, end)
      const length = stop - start
      if (length === 0 || (length === 1 && path[start] === '.')) continue
      if (nodes.kind(at) !== directory) return nowhere
      if (length === 2 && path.startsWith('..', start)) at = at === root ? root : nodes.parent(at)
      else at = this.#follow(nodes.child(at, path, start, stop), budget)
    }
    return at
  }
}

function tooDeep(path: ByteString, subject: string): IngotError {
  const start = displayBytes(path.slice(0, 100))
  return new IngotError('limit', `${subject}: directories are missing above a path of ${path.length} bytes, ${start}…`)
}

function loopError(path: ByteString, subject: string): IngotError {
  return new IngotError('bad-input', `${subject}: ${displayBytes(path)} leads through a loop of symlinks`)
}

/** Whether `path[0..end)` is `folder` or lies below it. */
function isWithin(path: ByteString, end: number, folder: ByteString): boolean {
  if (folder.length > end || !path.startsWith(folder)) return false
  return folder.length === end || path[folder.length] === '/'
}

function componentEnd(path: ByteString, start: number, end: number): number {
  const slash = path.indexOf('/', start)
  return slash < 0 || slash > end ? end : slash
}

/** Where the parent's path ends. */
function parentEnd(path: ByteString): number {
  return Math.max(path.lastIndexOf('/'), 0)
}

function nameStart(path: ByteString): number {
  return path.lastIndexOf('/') + 1
}
