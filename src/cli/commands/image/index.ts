import { Command } from 'commander'

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  list: async () => (await import('./list.ts')).listCommand(),
  info: async () => (await import('./info.ts')).infoCommand(),
  show: async () => (await import('./info.ts')).showCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  delete: async () => (await import('./delete.ts')).deleteCommand(),
  alias: async () => (await import('./alias.ts')).aliasCommand(),
  edit: async () => (await import('./edit.ts')).editCommand(),
  'get-property': async () => (await import('./property.ts')).getPropertyCommand(),
  'set-property': async () => (await import('./property.ts')).setPropertyCommand(),
  'unset-property': async () => (await import('./property.ts')).unsetPropertyCommand(),
  diff: async () => (await import('./diff.ts')).diffCommand(),
  tree: async () => (await import('./tree.ts')).treeCommand(),
  sbom: async () => (await import('./sbom.ts')).sbomCommand(),
  attachments: async () => (await import('./attachments.ts')).attachmentsCommand(),
  mount: async () => (await import('./mount.ts')).mountCommand(),
  unmount: async () => (await import('./mount.ts')).unmountCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  refresh: async () => (await import('./refresh.ts')).refreshCommand(),
  prune: async () => (await import('./prune.ts')).pruneCommand(),
}

/**
 * `ingot image …`: what `lxc image` does, for every format and without a daemon. With the one of its commands that is named, with none
 * for false, else with all.
 */
export async function imageCommand(only?: string | false): Promise<Command> {
  const command = new Command('image').description('keep images: import, list, name, convert, export, prune')
  if (only === false) return command
  const named = only !== undefined && Object.hasOwn(commands, only) ? [commands[only]!] : Object.values(commands)
  for (const child of await Promise.all(named.map((make) => make()))) command.addCommand(child)
  return command
}
