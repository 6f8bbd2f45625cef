import { existsSync, writeFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline/promises'
import { IngotError, ioError } from '../image/error.ts'
import { parseRecipe } from '../recipe/load.ts'
import { type StarterAnswers, starterRecipe } from '../recipe/starter.ts'

/** What was said on the command line; what is undefined is asked for. */
export type GivenAnswers = { readonly [Key in keyof StarterAnswers]?: StarterAnswers[Key] | undefined }

const defaults: StarterAnswers = {
  name: 'debian/12',
  from: 'debootstrap:debian/bookworm',
  system: true,
  packages: [],
  user: '',
  outputs: ['lxd', 'docker', 'proxmox'],
}

/**
 * Writes a recipe to begin with. What is not given is asked for, `questions` permitting; else the defaults count. Throws 'exists' for a
 * file that is there, 'usage' for given answers that are no good, 'io'.
 */
export async function initRecipe(file: string, given: GivenAnswers, { force, questions }: InitOptions): Promise<void> {
  if (!force && existsSync(file))
    throw new IngotError('exists', `${file} exists already`, { hint: 'Name another file, or replace it with --force.' })
  const known = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<StarterAnswers>
  const problem = problemOf({ ...defaults, ...known })
  if (problem !== undefined) throw new IngotError('usage', problem)
  const answers = questions ? await ask(known) : { ...defaults, ...known }
  const text = starterRecipe(answers)
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    throw ioError(`write ${file}`, error)
  }
}

export interface InitOptions {
  readonly force: boolean
  readonly questions: boolean
}

/** What is wrong with a recipe of these answers, without the places in its text. */
function problemOf(answers: StarterAnswers): string | undefined {
  try {
    parseRecipe(starterRecipe(answers), 'new')
    return undefined
  } catch (error) {
    if (!(error instanceof IngotError)) throw error
    return error.message.replace(/^new:\d+:\d+: /gm, '')
  }
}

async function ask(known: Partial<StarterAnswers>): Promise<StarterAnswers> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    let answers: StarterAnswers = { ...defaults, ...known }
    for (const { key, question, read, show } of questionList) {
      if (known[key] !== undefined) continue
      answers = await askOne(lines, answers, key, `${question} [${show(defaults)}] `, read)
    }
    return answers
  } finally {
    lines.close()
  }
}

/** Until the answer is good; an empty one is the default. */
async function askOne(
  lines: Interface,
  answers: StarterAnswers,
  key: keyof StarterAnswers,
  question: string,
  read: (text: string) => unknown,
): Promise<StarterAnswers> {
  for (;;) {
    const text = (await lines.question(question)).trim()
    const answered = text === '' ? answers : { ...answers, [key]: read(text) }
    const problem = problemOf(answered)
    if (problem === undefined) return answered
    process.stderr.write(`  ${problem}\n`)
  }
}

interface Question {
  readonly key: keyof StarterAnswers
  readonly question: string
  read(text: string): unknown
  /** The default, as it would be typed. */
  show(answers: StarterAnswers): string
}

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean)
const questionList: readonly Question[] = [
  { key: 'name', question: 'Name of the image', read: String, show: ({ name }) => name },
  { key: 'from', question: 'What it starts from', read: String, show: ({ from }) => from },
  {
    key: 'system',
    question: 'Is it to boot, with systemd, network and SSH?',
    read: (text) => /^y/i.test(text),
    show: ({ system }) => (system ? 'yes' : 'no'),
  },
  { key: 'packages', question: 'More packages', read: words, show: () => 'none' },
  { key: 'user', question: 'A user with sudo', read: String, show: () => 'none' },
  { key: 'outputs', question: 'Formats', read: words, show: ({ outputs }) => outputs.join(' ') },
]
