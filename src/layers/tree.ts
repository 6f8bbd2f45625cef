import { type ByteString, displayBytes } from '../image/bytes.ts'
import type { EntryHeader } from '../image/entry.ts'
import { IngotError } from '../image/error.ts'

/** One path of a tree under construction. Kept small: a tree may have millions. */
export interface TreeNode {
  readonly name: ByteString
  readonly parent: TreeNode | undefined
  kind: 'directory' | 'symlink' | 'other'
  /** Where its entry stands: index of the layer, and place of the entry in it; −1 for a directory that no entry made. */
  layer: number
  ordinal: number
  /** Directories: what their entry says. */
  header: EntryHeader | undefined
  /** Symlinks: the target. */
  target: ByteString | undefined
  /** Directories: by name. */
  children: Map<ByteString, TreeNode> | undefined
  /** Shared by the names of one hard-linked file. */
  inode: Inode | undefined
  emitted: boolean
}

/** The file behind several names: where its content stands. */
export interface Inode {
  readonly layer: number
  readonly ordinal: number
  names: TreeNode[]
}

/** What adding an entry did. */
export interface Added {
  readonly node: TreeNode
  /** Directories that had to be made on the way. */
  readonly made: readonly TreeNode[]
  /** Something was there before, or in the way. */
  readonly replaced: boolean
}

/** Most symlinks that one path may lead through, as in Linux (path_resolution(7)). */
const symlinkLimit = 40

interface Budget {
  left: number
}

/**
 * A file system tree without contents, to which the entries of layers are applied one by one as an extraction inside the
 * image's root would (OCI image-spec layer.md "Applying Changesets").
 */
export class Tree {
  readonly root: TreeNode = makeNode('', undefined, 'directory', -1, -1)
  readonly #keepDirlinks: boolean

  /** `keepDirlinks`: a directory's entry over a symlink to a directory leaves the symlink, as Incus unpacks. */
  constructor(options: { readonly keepDirlinks?: boolean } = {}) {
    this.#keepDirlinks = options.keepDirlinks ?? false
  }

  /**
   * Adds an entry that is no hard link. `subject` names the layer in errors. Throws 'bad-input' when the path leads
   * through a loop of symlinks.
   */
  add(header: EntryHeader, layer: number, ordinal: number, subject: string): Added {
    const made: TreeNode[] = []
    if (header.path === '') {
      const replaced = this.root.header !== undefined
      Object.assign(this.root, { header, layer, ordinal })
      return { node: this.root, made, replaced }
    }
    const { parent, name, displaced } = this.#openParent(header.path, layer, made, subject)
    const there = parent.children!.get(name)
    if (header.type === 'directory') {
      if (there?.kind === 'directory') {
        Object.assign(there, { header, layer, ordinal })
        return { node: there, made, replaced: true }
      }
      if (there?.kind === 'symlink' && this.#keepDirlinks && this.#follow(there, { left: symlinkLimit }, subject)?.kind === 'directory') {
        return { node: there, made, replaced: true }
      }
    }
    const kind = header.type === 'directory' || header.type === 'symlink' ? header.type : 'other'
    const node = makeNode(name, parent, kind, layer, ordinal)
    if (kind === 'directory') node.header = header
    if (kind === 'symlink') node.target = header.linkTarget
    replaceChild(parent, node)
    return { node, made, replaced: displaced || there !== undefined }
  }

  /** Adds one more name of a file that is in the tree. Undefined when the target is not there (yet). */
  addLink(header: EntryHeader, layer: number, subject: string): Added | undefined {
    const target = this.find(header.linkTarget, subject)
    if (target === undefined) return undefined
    if (target.kind === 'directory') {
      throw new IngotError('bad-input', `${subject}: ${displayBytes(header.path)} is a hard link to a directory, ${displayBytes(header.linkTarget)}`)
    }
    const made: TreeNode[] = []
    const { parent, name, displaced } = this.#openParent(header.path, layer, made, subject)
    const there = parent.children!.get(name)
    if (there === target) return { node: target, made, replaced: true }
    target.inode ??= { layer: target.layer, ordinal: target.ordinal, names: [] }
    const node = makeNode(name, parent, target.kind, layer, -1)
    node.inode = target.inode
    node.target = target.target
    replaceChild(parent, node)
    return { node, made, replaced: displaced || there !== undefined }
  }

  /** The node at a path; symlinks on the way are followed inside the root, the last component is not. */
  find(path: ByteString, subject: string): TreeNode | undefined {
    const slash = path.lastIndexOf('/')
    const folder = slash < 0 ? this.root : this.#walk(path.slice(0, slash), { left: symlinkLimit }, subject)
    return path === '' ? this.root : folder?.children?.get(path.slice(slash + 1))
  }

  /** The path at which a path ends when all symlinks are followed inside the root; undefined when it ends nowhere. */
  resolve(path: ByteString, subject: string): ByteString | undefined {
    const node = this.#walk(path, { left: symlinkLimit }, subject)
    return node && pathOf(node)
  }

  /** Takes a path away as far as layers below `layer` made it. */
  whiteout(path: ByteString, layer: number, subject: string): void {
    const node = this.find(path, subject)
    if (node?.parent && !prune(node, layer)) node.parent.children!.delete(node.name)
  }

  /** Takes everything in a directory away that layers below `layer` made. */
  opaque(path: ByteString, layer: number, subject: string): void {
    const made: TreeNode[] = []
    const folder = path === '' ? this.root : this.#openFolder(path, layer, made, subject).folder
    for (const child of folder.children!.values()) if (!prune(child, layer)) folder.children!.delete(child.name)
  }

  #openParent(path: ByteString, layer: number, made: TreeNode[], subject: string): { parent: TreeNode; name: ByteString; displaced: boolean } {
    const slash = path.lastIndexOf('/')
    if (slash < 0) return { parent: this.root, name: path, displaced: false }
    const { folder, displaced } = this.#openFolder(path.slice(0, slash), layer, made, subject)
    return { parent: folder, name: path.slice(slash + 1), displaced }
  }

  /** Goes to a directory, following symlinks inside the root; makes what is missing, and puts a directory in place of what is none. */
  #openFolder(path: ByteString, layer: number, made: TreeNode[], subject: string): { folder: TreeNode; displaced: boolean } {
    let at = this.root
    let displaced = false
    for (const name of path.split('/')) {
      const there = at.children!.get(name)
      const folder = there?.kind === 'symlink' ? this.#follow(there, { left: symlinkLimit }, subject) : there
      if (folder?.kind === 'directory') {
        at = folder
        continue
      }
      const node = makeNode(name, at, 'directory', layer, -1)
      replaceChild(at, node)
      if (there) displaced = true
      made.push(node)
      at = node
    }
    return { folder: at, displaced }
  }

  #follow(link: TreeNode, budget: Budget, subject: string): TreeNode | undefined {
    if (budget.left-- === 0) {
      throw new IngotError('bad-input', `${subject}: ${displayBytes(pathOf(link))} is part of a loop of symlinks`)
    }
    const target = link.target!
    const from = target.startsWith('/') ? this.root : link.parent!
    return this.#walk(target, budget, subject, from)
  }

  /** Follows a path from a directory; `..` stops at the root, as in a chroot. */
  #walk(path: ByteString, budget: Budget, subject: string, from: TreeNode = this.root): TreeNode | undefined {
    let at: TreeNode = from
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue
      if (at.kind !== 'directory') return undefined
      if (name === '..') {
        at = at.parent ?? this.root
        continue
      }
      const there = at.children!.get(name)
      const next = there?.kind === 'symlink' ? this.#follow(there, budget, subject) : there
      if (next === undefined) return undefined
      at = next
    }
    return at
  }
}

/** The full path of a node. */
export function pathOf(node: TreeNode): ByteString {
  if (!node.parent) return ''
  const folder = pathOf(node.parent)
  return folder === '' ? node.name : `${folder}/${node.name}`
}

function makeNode(name: ByteString, parent: TreeNode | undefined, kind: TreeNode['kind'], layer: number, ordinal: number): TreeNode {
  const children = kind === 'directory' ? new Map<ByteString, TreeNode>() : undefined
  return { name, parent, kind, layer, ordinal, header: undefined, target: undefined, children, inode: undefined, emitted: false }
}

function replaceChild(parent: TreeNode, node: TreeNode): void {
  parent.children!.set(node.name, node)
}

/** Removes what layers below `layer` made; true when something of `layer` is left, which then has lost its old attributes. */
function prune(node: TreeNode, layer: number): boolean {
  if (node.kind !== 'directory') return node.layer >= layer
  for (const child of node.children!.values()) if (!prune(child, layer)) node.children!.delete(child.name)
  if (node.layer >= layer) return true
  if (node.children!.size === 0) return false
  Object.assign(node, { header: undefined, layer, ordinal: -1 })
  return true
}
