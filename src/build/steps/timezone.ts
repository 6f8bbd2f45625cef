import { existsSync } from 'node:fs'
import { IngotError } from '../../image/error.ts'
import { placeFile, placeLink } from '../root/place.ts'
import { resolveInRoot } from '../root/resolve.ts'
import type { StepRunner } from './types.ts'

export const timezoneStep: StepRunner<'timezone'> = {
  title: (zone) => `timezone: ${zone}`,
  async apply(zone, { root, epoch }) {
    const path = `/usr/share/zoneinfo/${zone}`
    if (!existsSync(resolveInRoot(root, path))) {
      throw new IngotError('not-found', `there is no time zone ${zone} in the image`, {
        hint: existsSync(resolveInRoot(root, '/usr/share/zoneinfo'))
          ? 'Its zones are in /usr/share/zoneinfo.'
          : 'Install the package tzdata in a step before this one.',
      })
    }
    const placement = { uid: 0, gid: 0, time: epoch }
    placeLink(resolveInRoot(root, 'etc/localtime', true), path, placement)
    // Debian's packages look here.
    if (existsSync(resolveInRoot(root, 'usr/bin/dpkg'))) {
      placeFile(resolveInRoot(root, 'etc/timezone', true), { content: `${zone}\n` }, 0o644, placement)
    }
  },
}
