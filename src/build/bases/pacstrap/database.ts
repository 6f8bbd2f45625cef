import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFile } from '../../../host/file.ts'
import { IngotError } from '../../../image/error.ts'
import { collect } from '../../../image/stream.ts'
import { tarLayer } from '../../../layers/tar-layer.ts'
import { resolveInRoot } from '../../root/resolve.ts'

const lists = 'var/lib/pacman/sync'
const installed = 'var/lib/pacman/local'

/**
 * The build date of the newest package in the repositories' lists, in seconds since the epoch. Throws 'bad-input' when there is none.
 */
export async function newestPackage(root: string): Promise<number> {
  let newest = 0
  const folder = resolveInRoot(root, lists)
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.db'))) {
    const list = tarLayer({ name, file: await openFile(join(folder, name)), whiteouts: false })
    for await (const { path, body } of list.entries()) {
      if (!path.endsWith('/desc')) continue
      const date = /^%BUILDDATE%\n(\d+)$/m.exec((await collect(body)).toString())?.[1]
      newest = Math.max(newest, Number(date ?? 0))
    }
  }
  if (newest > 0) return newest
  throw new IngotError('bad-input', 'no package of the repositories has a date, and the image needs one', {
    hint: 'Set SOURCE_DATE_EPOCH.',
  })
}

/** Gives all packages this time of installation, where pacman wrote the host's (libalpm, be_local.c: %INSTALLDATE%). */
export function setInstallDates(root: string, epoch: number): void {
  const folder = resolveInRoot(root, installed)
  for (const name of readdirSync(folder)) {
    const path = resolveInRoot(root, `${installed}/${name}/desc`)
    if (!existsSync(path)) continue
    const text = readFileSync(path, 'latin1')
    writeFileSync(path, text.replace(/^(%INSTALLDATE%\n)\d+$/m, `$1${epoch}`), 'latin1')
  }
}
