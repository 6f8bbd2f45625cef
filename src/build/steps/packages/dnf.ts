import { dnfFiles } from '../../package-pool.ts'
import { settleHistory } from './dnf-history.ts'
import { settleRpmDatabase } from './rpm-database.ts'
import type { PackageManager } from './types.ts'

const common = [
  '--assumeyes',
  '--setopt=keepcache=True',
  // Repositories may say for themselves that nobody minds when they are away.
  '--setopt=*.skip_if_unavailable=False',
]

/** Version 4, and version 5, which has its cache in another place. Lists are fetched by `install` itself (dnf(8)). */
export const dnf: PackageManager = {
  name: 'dnf',
  family: 'fedora',
  program: 'usr/bin/dnf',
  folders: ['/var/cache/dnf', '/var/cache/libdnf5'],
  packages: [dnfFiles, { ...dnfFiles, place: '/var/cache/libdnf5' }],
  commands({ install, remove, recommends }) {
    const weak = `--setopt=install_weak_deps=${recommends ? 'True' : 'False'}`
    return [
      ...(install.length > 0 ? [{ what: 'install', args: [...common, weak, 'install', ...install] }] : []),
      ...(remove.length > 0
        ? [{ what: 'remove', args: [...common, '--setopt=clean_requirements_on_remove=True', 'remove', ...remove] }]
        : []),
    ]
  },
  finish(_, context) {
    settleHistory(context)
    settleRpmDatabase(context)
  },
}
