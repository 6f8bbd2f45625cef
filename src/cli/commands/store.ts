import { Command } from 'commander'
import { addStoreOptions, type StoreFlags, withStore } from '../with-store.ts'

export function storeCommand(): Command {
  const command = new Command('store').description('look after the image store as a whole')
  addStoreOptions(
    command
      .command('config')
      .description('show or change settings: when unused, expired and replaced images go')
      .argument('[key]')
      .argument('[value]')
      .option('--unset', 'go back to the usual value'),
  ).action(async (key: string | undefined, value: string | undefined, flags: StoreFlags & { unset?: boolean }) => {
    const { parseSettingKey, readSetting, storeSettings, writeSetting } = await import('../../store/settings.ts')
    const { renderTable } = await import('../text.ts')
    await withStore(flags, async (store) => {
      if (key === undefined) {
        const rows: string[][] = []
        for (const [name, { summary }] of Object.entries(storeSettings)) {
          rows.push([name, await readSetting(await store.catalog(), parseSettingKey(name)), summary])
        }
        process.stdout.write(renderTable(['KEY', 'VALUE', 'MEANING'], rows))
      } else if (value !== undefined || flags.unset) {
        await store.exclusively((catalog) => writeSetting(catalog, parseSettingKey(key), value))
      } else {
        process.stdout.write(`${await readSetting(await store.catalog(), parseSettingKey(key))}\n`)
      }
    })
  })
  for (const wanted of [false, true]) {
    const sub = command
      .command(wanted ? 'repair' : 'check')
      .description(
        wanted
          ? 'put right what `store check` finds'
          : 'compare the catalog with the files that are there (`ingot image verify` reads them); exit status 6 when they differ',
      )
    if (wanted) sub.option('--remove-damaged', 'remove images whose files are damaged or gone')
    addStoreOptions(sub).action(async (flags: StoreFlags & { removeDamaged?: boolean }) => {
      const { checkStore } = await import('../../store/check.ts')
      const { exitStatuses } = await import('../../image/error.ts')
      // What lost its place in the catalog is not to be removed in the same breath.
      const repair = wanted && !(await salvage(flags))
      await withStore(flags, async (store) => {
        const findings = await checkStore(store, repair, { removeDamaged: flags.removeDamaged ?? false })
        let left = 0
        for (const { kind, text, repair: done } of findings) {
          const repaired = repair && done !== undefined
          if (!repaired) left++
          process.stdout.write(`${kind}: ${text}${repaired ? ' (repaired)' : ''}\n`)
        }
        if (findings.length === 0) process.stdout.write('the store is in order\n')
        if (left > 0) process.exitCode = exitStatuses.corrupt
      })
    })
  }
  const backup = command
    .command('backup')
    .description('copy the store into a folder, verified; again: what is new since')
    .argument('<folder>', 'a store itself then: use it with --home')
  addStoreOptions(backup).action(async (folder: string, flags: StoreFlags) => {
    const { backupStore } = await import('../../store/backup.ts')
    const { formatBytes } = await import('../text.ts')
    await withStore(flags, async (store) => {
      const { copied, bytes } = await backupStore(store, folder)
      process.stdout.write(`copied ${copied} blobs, ${formatBytes(bytes)}\n`)
    })
  })
  const move = command
    .command('move')
    .description('move the images to another folder or disk; a symbolic link stays where they were')
    .argument('<folder>', 'new or empty')
  addStoreOptions(move).action(async (folder: string, flags: StoreFlags) => {
    const { moveStore } = await import('../../store/move.ts')
    await withStore(flags, (store) => moveStore(store, folder))
  })
  return command
}

/** Makes a new catalog where the old one is damaged, and says so; whether it did. */
async function salvage(flags: StoreFlags): Promise<boolean> {
  const { salvageCatalog } = await import('../../store/salvage.ts')
  const { defaultHome } = await import('../../host/home.ts')
  const salvaged = await salvageCatalog(flags.home ?? defaultHome())
  if (salvaged === undefined) return false
  const { images, lost, damaged } = salvaged
  process.stdout.write(
    `catalog: it was damaged; a new one has the ${images} images that could be read whole (repaired)\n`,
  )
  for (const fingerprint of lost) process.stdout.write(`image ${fingerprint}: not all of it could be read\n`)
  process.stdout.write(
    `the damaged catalog is kept as ${damaged}; blobs that no image needs now are kept until the next repair\n`,
  )
  return true
}
