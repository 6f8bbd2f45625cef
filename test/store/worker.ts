// Works on a store until it is killed, and says on standard output what it has been told is done. Arguments: home, folder of images,
// number of images, seed.
import { cpSync, renameSync, writeSync } from 'node:fs'
import { createAlias } from '../../src/store/aliases.ts'
import { deleteImages } from '../../src/store/delete.ts'
import { exportImage } from '../../src/store/export.ts'
import { importImage } from '../../src/store/import.ts'
import { prune } from '../../src/store/lifecycle/prune.ts'
import { refreshImages } from '../../src/store/refresh.ts'
import { openStore } from '../../src/store/store.ts'

const [home, folder, images, seed] = process.argv.slice(2) as [string, string, string, string]
let state = Number(seed)
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

function say(word: string, image: number): void {
  writeSync(1, `${word} ${image}\n`)
}

function replaceFile(path: string, by: string): void {
  const unfinished = `${path}.${process.pid}`
  cpSync(by, unfinished)
  renameSync(unfinished, path)
}

const store = await openStore(home)
say('opened', 0)
for (;;) {
  const image = random(Number(images))
  const action = random(12)
  const missing = (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'not-found')) throw error
  }
  if (action < 5) {
    say('importing', image)
    await importImage(store, `rootfs:${folder}/image-${image}`, { aliases: [`image-${image}`, 'current'] })
    say('imported', image)
  } else if (action < 7) {
    say('deleting', image)
    await deleteImages(store, [`image-${image}`]).catch(missing)
    say('deleted', image)
  } else if (action === 7) {
    await exportImage(store, `image-${image}`, {
      to: 'lxd',
      variant: 'unified',
      out: `${folder}/out`,
      force: true,
      warn: () => {},
    }).catch(missing)
  } else if (action === 8) {
    await createAlias(store, `more-${random(20)}`, `image-${image}`, { replace: true }).catch(missing)
  } else if (action >= 10) {
    // Its file changes once before the store has it, and once after.
    const moving = 100 + random(3)
    replaceFile(`${folder}/image-${moving}`, `${folder}/image-${moving}-${random(2)}`)
    say('importing', moving)
    await importImage(store, `rootfs:${folder}/image-${moving}`, { aliases: [`image-${moving}`], autoUpdate: true })
    say('imported', moving)
    replaceFile(`${folder}/image-${moving}`, `${folder}/image-${moving}-${random(2)}`)
    const refreshed = refreshImages(store, { names: [`image-${moving}`], failed: (_, error) => missing(error) })
    for await (const { fingerprint } of refreshed) void fingerprint
  } else {
    // Renditions go; images do not, because each has an alias.
    await prune(store, { now: Math.floor(Date.now() / 1000) + 86400 * 40 })
  }
}
