import { resolve } from 'node:path'
import { inUserNamespace } from '../../host/user-namespace.ts'
import { openWorkFolder } from '../../host/work-folder.ts'
import type { EntryHeader } from '../../image/entry.ts'
import { IngotError } from '../../image/error.ts'
import type { Layer } from '../../image/layer.ts'
import { selectEntries } from '../../layers/select.ts'
import type { BlockBase } from '../../recipe/bases/block.ts'
import { withActive } from './block/logical-volume.ts'
import { mountUntouched } from './block/mount.ts'
import { digestOfTree, fillFromTree, openFolder } from './tree.ts'
import type { BaseBuilder, IdentityContext } from './types.ts'

/** The root file system on a block device, which is not written to. */
export const blockBase: BaseBuilder<BlockBase> = {
  title: ({ device }) => `block ${device}`,

  /** The whole tree is read: no file system says that it has not changed. */
  identity: async (base, context) => await withTree(base, context, digestOfTree),

  async fill(base, context) {
    return await withTree(base, context, async (tree, unfinished) => {
      if (unfinished) {
        const message = `${base.device} was not unmounted: what was written to it last may be missing or torn`
        context.log.emit({ type: 'warning', message })
      }
      return await fillFromTree(tree, context)
    })
  },
}

/** Shows the tree on a device while something works with it. */
async function withTree<T>(
  base: BlockBase,
  { recipeFolder, home }: Pick<IdentityContext, 'recipeFolder' | 'home'>,
  work: (tree: Layer, unfinished: boolean) => Promise<T>,
): Promise<T> {
  const device = resolve(recipeFolder, base.device)
  requireMounting(device)
  return await withActive(device, async () => {
    const folder = await openWorkFolder(home.work, 'block-')
    try {
      const mounted = await mountUntouched(device, folder.path)
      try {
        return await work(selectEntries(await openFolder(folder.path), withoutLostAndFound), mounted.unfinished)
      } finally {
        mounted.unmount()
      }
    } finally {
      await folder.remove()
    }
  })
}

/** Kernels mount file systems of devices for root alone: their drivers trust what is in them. */
function requireMounting(device: string): void {
  if (process.getuid?.() === 0 && !inUserNamespace()) return
  throw new IngotError('unsupported', `${device}: only root can mount a device`, {
    hint: 'Run Ingot as root, or let root pack it once: ingot pack dir:MOUNTED --to rootfs.',
  })
}

/** The folder that fsck of ext2 to ext4 puts strays into is a matter of the disk. */
function withoutLostAndFound(header: EntryHeader): EntryHeader | undefined {
  return /^lost\+found(\/|$)/.test(header.path) ? undefined : header
}
