import { existsSync } from 'node:fs'
import { run } from '../../host/run.ts'
import { IngotError } from '../../image/error.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const capabilitiesStep: StepRunner<'capabilities'> = {
  title: ({ path, set }) => `capabilities: ${path} ${set}`,
  async apply({ path, set }, { root }) {
    const found = resolveInRoot(root, path)
    if (!existsSync(found)) throw new IngotError('not-found', `there is no ${path} in the image`)
    await run('setcap', [set, found])
  },
}
