import { z } from 'zod'
import { didYouMean } from '../../image/suggest.ts'
import { strictMap, text } from '../fields.ts'

/** Commands of augtool(1) that change the tree, or show it in the log. Files are saved after the last one. */
const words = [
  ...['set', 'setm', 'clear', 'clearm', 'touch', 'rm', 'ins', 'insert', 'mv', 'move', 'cp', 'copy', 'rename'],
  ...['defvar', 'defnode', 'context', 'transform', 'load', 'load-file', 'get', 'match', 'print', 'ls', 'count'],
]

const command = text
  .refine((line) => !/[\r\n]/.test(line), 'a command is one line')
  .refine((line) => words.includes(wordOf(line)), {
    error: ({ input }) => {
      const word = wordOf(String(input))
      return `${JSON.stringify(word)} is no command of augtool that a recipe can have${didYouMean(word, words)}; expected ${words.join(', ')}`
    },
  })

const commands = z.array(command).min(1, 'must not be empty')

/** Changes configuration files as Augeas understands them. */
export const augeasSchema = z.union([
  commands.transform((commands) => ({ commands, lenses: undefined })),
  strictMap({
    commands: commands.describe('As augtool takes them, like set /files/etc/ssh/sshd_config/PermitRootLogin no'),
    lenses: text.optional().describe('Folder with lenses of one’s own, relative to the folder of the recipe'),
  }),
])

function wordOf(line: string): string {
  return line.trim().split(/\s/, 1)[0] ?? ''
}
