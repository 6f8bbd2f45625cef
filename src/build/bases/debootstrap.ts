import { run } from '../../host/run.ts'
import { requireTool } from '../../host/tools.ts'
import { debianArchitecture, hostArchitecture } from '../../image/platform.ts'
import type { DebootstrapBase } from '../../recipe/bases.ts'
import type { Step } from '../../recipe/steps/registry.ts'
import { bootstrap } from './debootstrap/bootstrap.ts'
import { type CachedBase, cacheKey, findCached, storeCached } from './debootstrap/cache.ts'
import type { BaseBuilder } from './types.ts'

/**
 * A fresh bootstrap by mmdebstrap, kept as a tar in the cache. Leading `packages` steps that only install, without
 * recommended packages, are done by the bootstrap itself: one package run in place of two, and cached with it.
 */
export const debootstrapBase: BaseBuilder<DebootstrapBase> = {
  title: ({ distribution, suite, packages }) =>
    `debootstrap ${distribution}/${suite}${packages.length > 0 ? ` with ${packages.join(', ')}` : ''}`,

  absorb(base, steps) {
    const later = steps.findIndex((step) => !isPlainInstall(step))
    const count = later < 0 ? steps.length : later
    const wanted = steps.slice(0, count).flatMap((step) => (step.kind === 'packages' ? step.value.install : []))
    return { base: { ...base, packages: [...new Set([...base.packages, ...wanted])] }, steps: steps.slice(count) }
  },

  async fill(base, context) {
    await requireTool('mmdebstrap')
    await requireTool('bwrap')
    const architecture = debianArchitecture(context.architecture ?? hostArchitecture())
    const key = await cacheKey(base, architecture, context)
    const cached = context.refresh ? undefined : await findCached(context.home.bases, key)
    if (cached !== undefined) {
      const date = new Date(cached.epoch * 1000).toISOString().slice(0, 10)
      context.log.emit({ type: 'note', message: `using the base bootstrapped before, from the archive of ${date}` })
    }
    const found = cached ?? (await make(base, architecture, key, context))
    await unpack(found, context.root)
    return { epoch: found.epoch }
  },
}

async function make(
  base: DebootstrapBase,
  architecture: string,
  key: string,
  context: Parameters<typeof bootstrap>[2],
): Promise<CachedBase> {
  const made = await bootstrap(base, architecture, context)
  return await storeCached(context.home.bases, key, made)
}

function isPlainInstall(step: Step): boolean {
  return step.kind === 'packages' && step.value.remove.length === 0 && !step.value.recommends
}

/**
 * GNU tar and not our own codec: both are right, and this is the faster one where nothing but a copy is wanted. Device
 * nodes stay behind: whatever runs the image makes its own.
 */
async function unpack(base: CachedBase, root: string): Promise<void> {
  const options = [
    '--numeric-owner',
    '-p',
    '--xattrs',
    '--xattrs-include=*',
    '--acls',
    '--anchored',
    '--exclude=./dev/*',
  ]
  await run('tar', [...options, '-C', root, '-xf', base.tar])
}
