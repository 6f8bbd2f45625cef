// `npm test`: installs what the tests need where it may, then runs every check and every test, and closes with one line of counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPeers } from './peers.ts'
import { runBeside, runStep } from './run.ts'

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
}

const soak = process.argv.includes('--soak')
if (soak) process.env.INGOT_SOAK = '1'
installPeers()

let failedSteps = 0
failedSteps += runStep('bundle', 'node', ['scripts/bundle.ts']) === 0 ? 0 : 1
failedSteps += runStep('types', 'tsc', ['-p', '.']) === 0 ? 0 : 1
failedSteps += runStep('format and lint', 'biome', ['check', '--error-on-warnings', '.']) === 0 ? 0 : 1
failedSteps += runStep('dead code', 'knip', []) === 0 ? 0 : 1

const folder = mkdtempSync(join(tmpdir(), 'ingot-test-'))
const vitest = (name: string, ...projects: readonly string[]) => [
  ...['run', ...projects.flatMap((project) => ['--project', project])],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${join(folder, name)}`],
]
// What takes long waits much: for disks, networks and programs. Two such lanes take two thirds of the time of one.
const lanes = ['builds', 'system'] as const
const statuses = [
  runStep('tests of one room', 'vitest', vitest('rooms', 'unit', 'slow')),
  ...(await Promise.all(lanes.map(async (lane) => await runBeside(`tests: ${lane}`, 'vitest', vitest(lane, lane))))),
]
const reports = ['rooms', ...lanes].map((name) => readReport(join(folder, name)))
rmSync(folder, { recursive: true })

const sum = (count: (report: VitestReport) => number) => reports.reduce((all, report) => all + count(report), 0)
const failedTests = sum((report) => report.numFailedTests)
// What fails before any test has begun is in no report.
const others = reports.filter((report, index) => statuses[index] !== 0 && report.numFailedTests === 0).length
const failed = failedTests + failedSteps + others
const passed = sum((report) => report.numPassedTests)
const skipped = sum((report) => report.numPendingTests + report.numTodoTests)
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

function readReport(path: string): VitestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport
  } catch (error) {
    process.stdout.write(`no test report: ${error instanceof Error ? error.message : error}\n`)
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, success: false }
  }
}
