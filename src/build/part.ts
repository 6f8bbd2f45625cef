import { IngotError } from '../image/error.ts'
import type { BuildLog } from './log.ts'

/** A part of a build: the base (number 0) or a step of the recipe. */
export interface BuildPart {
  readonly title: string
  readonly number: number
  readonly count: number
  /** Where the recipe asks for it: `ingot.yaml:12: step 3`. */
  readonly place: string
}

/** Does a part of a build between its events; an error gets told where the recipe asks for the part, and what was said last. */
export async function doPart<T>(part: BuildPart, log: BuildLog, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const { title, number, count } = part
  log.emit({ type: 'start', title, number, count })
  try {
    const result = await work()
    log.emit({ type: 'finish', seconds: (performance.now() - started) / 1000 })
    return result
  } catch (error) {
    throw placed(error, part, log)
  }
}

function placed(error: unknown, part: BuildPart, log: BuildLog): unknown {
  if (!(error instanceof IngotError)) return error
  const said = error.code === 'command-failed' ? log.lastLines().filter((line) => line.trim() !== '') : []
  const ending = said.length > 0 ? `:\n${said.map((line) => `  ${line}`).join('\n')}` : ''
  const hint = [error.hint, ending && `All of what it said is in ${log.path}`].filter(Boolean).join(' ')
  const message = `${part.place} (${part.title}): ${error.message}${ending}`
  log.record(`failed: ${error.message}`)
  return new IngotError(error.code, message, { cause: error, ...(hint !== '' && { hint }) })
}
