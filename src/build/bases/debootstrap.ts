import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { requireTool } from '../../host/tools.ts'
import { debianArchitecture, hostArchitecture } from '../../image/platform.ts'
import type { DebootstrapBase } from '../../recipe/bases/debootstrap.ts'
import type { Step } from '../../recipe/steps/registry.ts'
import { fileDigest } from '../cache/content.ts'
import { keyringOf } from './debootstrap/keyring.ts'
import type { BaseBuilder } from './types.ts'

/**
 * A fresh bootstrap by mmdebstrap. Leading `packages` steps that only install, without
 * recommended packages, are done by the bootstrap itself: one package run in place of two.
 */
export const debootstrapBase: BaseBuilder<DebootstrapBase> = {
  title: ({ distribution, suite, snapshot, packages }) =>
    `debootstrap ${distribution}/${suite}${snapshot === undefined ? '' : ` of ${snapshot}`}${packages.length > 0 ? ` with ${packages.join(', ')}` : ''}`,

  programs: ['mmdebstrap'],

  absorb(base, steps) {
    const later = steps.findIndex((step) => !isPlainInstall(step))
    const count = later < 0 ? steps.length : later
    const wanted = steps.slice(0, count).flatMap((step) => (step.kind === 'packages' ? step.value.install : []))
    return { base: { ...base, packages: [...new Set([...base.packages, ...wanted])] }, steps: steps.slice(count) }
  },

  /** How new the archive is does not count: a base is used until it is made anew on request. */
  async identity(base, { architecture, recipeFolder, home }) {
    const program = await fileDigest(await requireTool('mmdebstrap'), home.digests)
    const keyring = keyringOf(base, recipeFolder)
    const keys = keyring === undefined ? null : await fileDigest(keyring, home.digests)
    return [program, keys, debianArchitecture(architecture ?? hostArchitecture())]
  },

  async fill(base, context) {
    await requireTool('bwrap')
    const architecture = debianArchitecture(context.architecture ?? hostArchitecture())
    const { bootstrap } = await import('./debootstrap/bootstrap.ts')
    const epoch = await bootstrap(base, architecture, context)
    await emptyDev(context.root)
    return { epoch }
  },
}

function isPlainInstall(step: Step): boolean {
  return step.kind === 'packages' && step.value.remove.length === 0 && !step.value.recommends
}

/** Device nodes stay behind, which an ordinary user could not make: whatever runs the image makes its own. */
async function emptyDev(root: string): Promise<void> {
  const folder = join(root, 'dev')
  for (const name of await readdir(folder)) await removeTree(join(folder, name))
}
