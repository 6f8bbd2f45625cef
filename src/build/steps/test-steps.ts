import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseRecipe } from '../../recipe/load.ts'
import { runInSandbox } from '../sandbox/sandbox.ts'
import { changeTree, makeTinyRoot, testFolder } from '../test-root.ts'
import { bindStep } from './registry.ts'

/** The time ceiling of tested steps, in seconds since the epoch. */
export const epoch = 1_700_000_000

interface Done {
  readonly root: string
  readonly lines: readonly string[]
}

interface StepTester {
  /** What steps share and leave, besides roots. */
  readonly folder: string
  /** Does the steps of a recipe text, each line of `steps` indented by two, on a new tiny root. */
  doSteps(steps: string, prepare?: (root: string, recipes: string) => void): Promise<Done>
}

/** For the top of a test file: what it makes goes when the tests of the file are done. */
export function stepTester(): StepTester {
  const folder = testFolder()
  let roots = 0
  return {
    folder,
    async doSteps(steps, prepare = () => {}) {
      const top = join(folder, String(++roots))
      const [root, recipeFolder, work] = [join(top, 'root'), join(top, 'recipe'), join(top, 'work')]
      for (const path of [top, root, recipeFolder, work]) mkdirSync(path)
      mkdirSync(join(folder, 'packages'), { recursive: true })
      makeTinyRoot(root)
      prepare(root, recipeFolder)
      const lines: string[] = []
      const onLine = (line: string) => lines.push(line)
      await changeTree(root, work, async (stack) => {
        for (const step of parseRecipe(`name: a\nfrom: scratch\nsteps:\n${steps}\n`, 'r.yaml').steps) {
          await (await bindStep(step)).apply({
            root: stack.root,
            recipeFolder,
            caches: join(folder, 'caches'),
            packages: join(folder, 'packages'),
            work,
            epoch,
            sandbox: async (job) => await runInSandbox({ onLine, ...job, stack, work, epoch }),
            say: onLine,
          })
        }
      })
      return { root, lines }
    },
  }
}

/** Mode, owner and time of a path. */
export function facts(root: string, path: string): readonly unknown[] {
  const { mode, uid, gid, mtimeMs } = lstatSync(join(root, path))
  return [(mode & 0o7777).toString(8), uid, gid, mtimeMs / 1000]
}
