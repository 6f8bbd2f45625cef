import { Command } from 'commander'
import { aliasCommand } from './alias.ts'
import { deleteCommand } from './delete.ts'
import { diffCommand } from './diff.ts'
import { editCommand } from './edit.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { infoCommand, showCommand } from './info.ts'
import { listCommand } from './list.ts'
import { mountCommand, unmountCommand } from './mount.ts'
import { getPropertyCommand, setPropertyCommand, unsetPropertyCommand } from './property.ts'
import { pruneCommand } from './prune.ts'
import { sbomCommand } from './sbom.ts'
import { treeCommand } from './tree.ts'
import { verifyCommand } from './verify.ts'

/** `ingot image …`: what `lxc image` does, for every format and without a daemon. */
export function imageCommand(): Command {
  const command = new Command('image').description('keep images: import, list, name, convert, export, prune')
  const commands = [
    listCommand,
    infoCommand,
    showCommand,
    importCommand,
    exportCommand,
    deleteCommand,
    aliasCommand,
    editCommand,
    getPropertyCommand,
    setPropertyCommand,
    unsetPropertyCommand,
    diffCommand,
    treeCommand,
    sbomCommand,
    mountCommand,
    unmountCommand,
    verifyCommand,
    pruneCommand,
  ]
  for (const make of commands) command.addCommand(make())
  return command
}
