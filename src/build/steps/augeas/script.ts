import { IngotError } from '../../../image/error.ts'

/** What comes after the recipe's commands: the tree as it is to be, and then the files that it is in. */
const tail = ['match /*', 'print /files', 'save', 'match /augeas/files//path', 'errors'] as const

/** Commands for augtool, one a line, that can be judged by what it says to them. */
export function scriptOf(commands: readonly string[]): string {
  return [...commands, ...tail].map((command) => `${command.trim()}\n`).join('')
}

export interface AugtoolOutput {
  /** What was said before the first command. */
  readonly start: readonly string[]
  /** The lines that each of the recipe's commands got. */
  readonly commands: readonly (readonly string[])[]
  /** The lines that each command of the tail got, in its order. */
  readonly tail: readonly (readonly string[])[]
}

/** Takes apart what `augtool --echo` has said to a script, standard error in its place. */
export function readOutput(commands: readonly string[], lines: readonly string[]): AugtoolOutput {
  const expected = [...commands, ...tail].map((command) => `augtool> ${command.trim()}`)
  const start: string[] = []
  const parts: string[][] = []
  for (const line of lines) {
    if (line === expected[parts.length]) parts.push([])
    else if (line.trim() !== 'augtool>') (parts.at(-1) ?? start).push(line)
  }
  const at = (index: number) => parts[index] ?? []
  return {
    start,
    commands: commands.map((_, index) => at(index)),
    tail: tail.map((_, index) => at(commands.length + index)),
  }
}

/**
 * Throws 'command-failed' for a command that failed, for what could not be saved, and for what augtool has left out in silence because no
 * lens is for it. augtool's exit status tells of the first two alone, and of neither which.
 */
export function judge(commands: readonly string[], output: AugtoolOutput, status: number): void {
  const [tops = [], tree = [], saved = [], files = [], errors = []] = output.tail
  const failed = output.commands.findIndex((lines) => lines.some((line) => line.startsWith('error: ')))
  if (status !== 0 && failed >= 0) {
    throw failure(`augtool failed at ${JSON.stringify(commands[failed])}`, output.commands[failed])
  }
  if (status !== 0 && errors.length === 0) throw failure(`augtool failed with exit status ${status}`, output.start)
  if (status !== 0) throw notSaved(commands, saved, errors)
  const noLens = errors.find((line) => line.includes('Can not find lens'))
  if (noLens !== undefined) throw failure(`augtool: ${noLens}`)
  const astray = tops.map(pathOf).filter((path) => path !== '/augeas' && path !== '/files')
  if (astray.length > 0) {
    const by = touching(commands, astray)
    throw failure(`augtool saves nothing of ${astray.join(', ')}: paths of files begin with /files${by}`)
  }
  const known = files.map((line) => line.replace(/^.*? = /, ''))
  const lost = tree
    .filter((line) => line.startsWith('/files/') && line.includes(' = '))
    .map(pathOf)
    .find((path) => !known.some((file) => path === file || path.startsWith(`${file}/`)))
  if (lost === undefined) return
  throw failure(`augtool has not saved ${lost}: no lens is for such a file${touching(commands, [lost])}`, [], {
    hint: 'Name one by a command before: transform LENS.lns incl /PATH, and load.',
  })
}

/** Of a line like `/files/etc/hosts/1/alias = "lab"`. */
function pathOf(line: string): string {
  return line.replace(/ = .*/, '')
}

function notSaved(commands: readonly string[], saved: readonly string[], errors: readonly string[]): IngotError {
  // Files that no command touches may be beyond Augeas, and are no failure.
  const blocks = errors.join('\n').split(/\n(?=Error in )/)
  const block =
    blocks.find((text) => touched(commands, fileOf(text))) ?? blocks.find((text) => !text.includes('(parse_failed)'))
  const file = fileOf(block ?? '')
  return failure(
    `augtool could not save ${file || 'the files'}${touching(commands, [`/files${file}`])}`,
    block?.split('\n') ?? saved,
  )
}

/** `/etc/fstab`, of a block that begins with `Error in /etc/fstab:2.0 (parse_failed)` or `Error in /etc/fstab at node …`. */
function fileOf(block: string): string {
  return /^Error in (\/.*?)(:[\d.]+)?( at node .*)? \(\w+\)$/m.exec(block)?.[1] ?? ''
}

function touched(commands: readonly string[], file: string): boolean {
  return file !== '' && commands.some((command) => command.includes(`/files${file}`))
}

/** ` ("set …")`: the first command that names one of the paths, or what lies below it. */
function touching(commands: readonly string[], paths: readonly string[]): string {
  const found = commands.find((command) =>
    command.split(/\s+/).some((word) => paths.some((path) => word.startsWith(path))),
  )
  return found === undefined ? '' : ` (${JSON.stringify(found)})`
}

function failure(message: string, lines: readonly string[] = [], options: { readonly hint?: string } = {}): IngotError {
  const said = lines.slice(0, 8).map((line) => `\n  ${line}`)
  return new IngotError('command-failed', `${message}${said.length > 0 ? `:${said.join('')}` : ''}`, options)
}
