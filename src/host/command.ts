import { basename } from 'node:path'
import { IngotError } from '../image/error.ts'
import { isStopping } from './children.ts'
import { searchPath } from './tools.ts'

/** Where and how a program runs. */
export interface CommandOptions {
  readonly cwd?: string
  /** Added to Ingot's own environment, in which LC_ALL is C.UTF-8 and TZ is UTC; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** The environment of a child: messages in English, times in UTC, system programs found. */
export function commandEnvironment(options: CommandOptions): NodeJS.ProcessEnv {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', PATH: searchPath(), ...options.env }
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
}

/** How a program ended. */
export interface Ending {
  readonly exitCode: number | null | undefined
  readonly signal: string | null | undefined
  /** What it said on standard error, at least the end of it. */
  readonly stderr: string
}

/** The error of a program that did not end well: 'interrupted' when Ingot is being stopped, else 'command-failed'. */
export function commandFailed(command: string, ending: Ending): IngotError {
  const how = ending.signal ? `was stopped by ${ending.signal}` : `failed with exit status ${ending.exitCode ?? '?'}`
  const said = lastLines(ending.stderr, 10)
  const code = isStopping() || ending.signal === 'SIGINT' ? 'interrupted' : 'command-failed'
  return new IngotError(code, `${basename(command)} ${how}${said ? `: ${said}` : ''}`)
}

/** The last lines of a text, empty ones left out. */
function lastLines(text: string, count: number): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return lines.slice(-count).join('\n')
}
