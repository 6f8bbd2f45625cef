import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/**
 * Adds `completion SHELL`, which prints the script, and the hidden `complete -- WORDS`, which that script calls.
 * Suggestions come from the command tree itself.
 */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' })
}
