import type { Command } from 'commander'
import type { Architecture } from '../../../image/platform.ts'
import { architectureOption } from '../../options.ts'

export interface WhichFlags {
  readonly architecture?: Architecture
}

/** Adds what chooses among several images of one alias. */
export function addWhichOptions(command: Command): Command {
  return command.option(
    '--architecture <name>',
    'which image, where an alias stands for several (default: this machine’s)',
    architectureOption,
  )
}
