import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { IngotError } from '../../image/error.ts'
import { planCleaning } from '../../layers/clean-plan.ts'
import type { PlacedTest, Recipe } from '../../recipe/recipe.ts'
import type { LayerStack } from '../cache/layer-stack.ts'
import type { BuildLog } from '../log.ts'
import type { StepContext } from '../steps/types.ts'
import { applyCleaning } from './apply-cleaning.ts'
import { testBoot } from './boot-test.ts'
import { testFile } from './file-test.ts'
import { testRun } from './run-test.ts'

export interface Testing {
  readonly recipe: Recipe
  readonly stack: LayerStack
  /** A folder on the file system of the layers. */
  readonly work: string
  readonly log: BuildLog
  /** What the script of a test has to work with; `onLine` gets what it prints. */
  context(test: PlacedTest, onLine: (line: string) => void): StepContext
}

/**
 * Does the tests of a recipe, all of them, each on the finished tree as it was before the others. Nothing that they change is left.
 * Throws 'command-failed' naming those that failed.
 */
export async function runTests({ recipe, stack, work, log, context }: Testing): Promise<void> {
  if (recipe.tests.length === 0) return
  const finished = join(work, 'finished')
  await mkdir(finished)
  await stack.change(finished, async () => await applyCleaning(stack.root, planCleaning(recipe.clean)))
  stack.add(finished)
  const failures: string[] = []
  for (const test of recipe.tests) {
    const title = titleOf(test)
    const started = performance.now()
    const lines: string[] = []
    const failure = await inPassing(stack, join(work, 'tested'), async () => {
      if (test.kind === 'file') return testFile(test.value, stack.root)
      const onLine = (line: string) => {
        lines.push(line)
        log.emit({ type: 'output', line })
      }
      if (test.kind === 'boot') return await testBoot(test.value, stack.root, work, onLine)
      return await testRun(test.value, context(test, onLine), lines)
    })
    log.emit({ type: 'test', title, seconds: (performance.now() - started) / 1000, failure })
    if (failure !== undefined) failures.push(`${test.place.file}:${test.place.line}: ${title}: ${failure}`)
  }
  if (failures.length === 0) return
  const count = `${failures.length} of ${recipe.tests.length} tests failed`
  throw new IngotError('command-failed', `${count}:\n${failures.join('\n')}`, {
    hint: `Nothing was published. All that was said is in ${log.path}`,
  })
}

async function inPassing<T>(stack: LayerStack, folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder)
  try {
    return await stack.change(folder, work)
  } finally {
    await removeTree(folder)
  }
}

function titleOf(test: PlacedTest): string {
  if (test.kind === 'file') return `file ${test.value.path}`
  if (test.kind === 'boot') return `boot: ${test.value.expect} within ${test.value.within} s`
  const [first = '', ...others] = test.value.script.split('\n').filter((line) => line.trim() !== '')
  return `run ${first}${others.length > 0 ? ' …' : ''}`
}
