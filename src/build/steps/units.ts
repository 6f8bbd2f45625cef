import { existsSync } from 'node:fs'
import { IngotError } from '../../image/error.ts'
import { resolveInRoot } from '../root/resolve.ts'
import { succeed } from './succeed.ts'
import type { StepRunner } from './types.ts'

export const enableStep: StepRunner<'enable'> = unitsStep('enable')
export const maskStep: StepRunner<'mask'> = unitsStep('mask')

/** By the image's own systemctl, which works on files alone when it is told that systemd does not run. */
function unitsStep<Kind extends 'enable' | 'mask'>(verb: Kind): StepRunner<Kind> {
  return {
    title: (units) => `${verb}: ${units.join(', ')}`,
    async apply(units, context) {
      if (!existsSync(resolveInRoot(context.root, 'usr/bin/systemctl'))) {
        throw new IngotError('unsupported', `there is no systemctl in the image, and services are ${verb}d with that`, {
          hint: 'Install systemd in a step before this one, or use a run step for another init system.',
        })
      }
      const command = ['systemctl', verb, '--', ...units]
      await succeed(context, `systemctl ${verb}`, { command, env: { SYSTEMD_OFFLINE: '1' } })
    },
  }
}
