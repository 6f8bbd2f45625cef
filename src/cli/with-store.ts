import type { Command } from 'commander'
import type { Store } from '../store/store.ts'
import { homeOption } from './options.ts'

export interface StoreFlags {
  readonly home?: string
}

/** Adds the options that every command on the store has. */
export function addStoreOptions(command: Command): Command {
  return command.addOption(homeOption())
}

/** Opens the store for a piece of work; Ctrl-C during it leaves nothing behind. */
export async function withStore<T>(flags: StoreFlags, work: (store: Store) => Promise<T>): Promise<T> {
  const { installSignalHandlers } = await import('../host/temporary.ts')
  const { defaultHome } = await import('../host/home.ts')
  const { openStore } = await import('../store/store.ts')
  installSignalHandlers()
  const store = await openStore(flags.home ?? defaultHome())
  try {
    return await work(store)
  } finally {
    store.close()
  }
}
