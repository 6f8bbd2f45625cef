// `npm test`: installs what the tests need where it may, then runs every check and every test, and closes with one line of counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPeers } from './peers.ts'
import { runStep } from './run.ts'

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
const file = join(folder, 'report.json')
const status = runStep('tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
const report = readReport(file)
rmSync(folder, { recursive: true })

const failed = report.numFailedTests + failedSteps + (status !== 0 && report.numFailedTests === 0 ? 1 : 0)
const skipped = report.numPendingTests + report.numTodoTests
process.stdout.write(
  `\n${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
)
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1

function readReport(path: string): VitestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport
  } catch (error) {
    process.stdout.write(`no test report: ${error instanceof Error ? error.message : error}\n`)
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, success: false }
  }
}
