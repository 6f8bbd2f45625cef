import { chmodSync, lchownSync, lstatSync, mkdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimes } from '../../host/native.ts'
import { type Mounted, mountOverlay } from '../../host/overlay.ts'
import { removeTree, removeTreeSync } from '../../host/remove-tree.ts'

/** The layers of an image in the making, shown over each other as one tree while something works on it. */
export interface LayerStack {
  /** Where the tree is shown. */
  readonly root: string
  /** Puts a directory of files on top. */
  add(files: string): void
  /** Shows the tree; what `work` changes goes into the directory `upper`. */
  change<T>(upper: string, work: () => Promise<T>): Promise<T>
  /** Inside `change`: puts the directory that `prepare` fills right below `upper` while `work` goes on. */
  lend<T>(prepare: (loan: string) => void, work: () => Promise<T>): Promise<T>
  /** Shows the tree until `hide`; changes are lost. */
  show(): Promise<void>
  hide(): void
}

/** `folder`: on the file system of the layers; the root and what overlays need are made in it. */
export function createLayerStack(folder: string, root: string): LayerStack {
  const layers: string[] = []
  const scratch = join(folder, 'overlay')
  let upper = ''
  let mounted: Mounted | undefined

  function mount(lowers: readonly string[]): void {
    // A new one each time: overlayfs marks that of a volatile mount, and takes it no second time.
    removeTreeSync(scratch)
    mkdirSync(scratch)
    mounted = mountOverlay(root, { lowers, upper, work: scratch })
  }
  function unmount(): void {
    mounted?.unmount()
    mounted = undefined
  }
  function prepare(directory: string): void {
    upper = directory
    copyAttributes(layers[0]!, upper)
  }

  return {
    root,
    add(files) {
      layers.unshift(files)
    },
    async change(directory, work) {
      prepare(directory)
      mount(layers)
      try {
        return await work()
      } finally {
        unmount()
        await removeTree(scratch)
      }
    },
    async lend(fill, work) {
      const loan = join(folder, 'loan')
      await mkdir(loan)
      fill(loan)
      copyAttributes(root, loan)
      unmount()
      mount([loan, ...layers])
      try {
        return await work()
      } finally {
        unmount()
        mount(layers)
        await removeTree(loan)
      }
    },
    async show() {
      const lost = join(folder, 'lost')
      await mkdir(lost)
      prepare(lost)
      mount(layers)
    },
    hide: unmount,
  }
}

/** The root of the tree is that of its uppermost layer. */
function copyAttributes(from: string, to: string): void {
  const { uid, gid, mode } = lstatSync(from)
  const { mtimeNs } = lstatSync(from, { bigint: true })
  lchownSync(to, uid, gid)
  chmodSync(to, mode & 0o7777)
  setTimes(Buffer.from(to), mtimeNs)
}
