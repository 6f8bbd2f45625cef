import type { RecipeTest } from '../../recipe/tests.ts'
import { scriptJob } from '../steps/run.ts'
import type { StepContext } from '../steps/types.ts'

type RunTest = Extract<RecipeTest, { kind: 'run' }>['value']

/** Runs a script in the image; `lines` gets what it prints. What is wrong about it; undefined when it is as it must be. */
export async function testRun(
  test: RunTest,
  context: StepContext,
  lines: readonly string[],
): Promise<string | undefined> {
  const status = await context.sandbox(scriptJob(test, context))
  const output = lines.join('\n').trim()
  const problem = wrong(test, status, output)
  if (problem === undefined) return undefined
  const ending = lines
    .slice(-20)
    .map((line) => `\n  ${line}`)
    .join('')
  return `${problem}${ending === '' ? '' : `; it printed:${ending}`}`
}

function wrong(test: RunTest, status: number, output: string): string | undefined {
  if (status !== test['expect-exit']) return `its exit status is ${status}, not ${test['expect-exit']}`
  if (test.expect !== undefined && output !== test.expect.trim())
    return `it did not print ${JSON.stringify(test.expect)}`
  if (test.matches !== undefined && !new RegExp(test.matches, 'm').test(output))
    return `nothing matches /${test.matches}/`
  return undefined
}
