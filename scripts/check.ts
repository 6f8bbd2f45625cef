// `npm run check`: types, format, lint, dead code, import rule and the quick unit tests; fast enough to run on every change.
import { runStep } from './run.ts'

const steps: readonly (readonly [title: string, command: string, args: readonly string[]])[] = [
  ['types', 'tsc', ['-p', '.']],
  ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['dead code', 'knip', []],
  ['unit tests', 'vitest', ['run', '--project', 'unit']],
]

const failed = steps.filter(([title, command, args]) => runStep(title, command, args) !== 0).map(([title]) => title)
if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
