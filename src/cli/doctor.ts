import { userInfo } from 'node:os'
import { styleText } from 'node:util'
import { rootlessObstacle } from '../build/rootless.ts'
import { run } from '../host/run.ts'
import { distribution, findTool, installCommand, tools } from '../host/tools.ts'
import { IngotError } from '../image/error.ts'
import { renderTable } from './text.ts'

export interface Check {
  readonly name: string
  readonly neededFor: string
  readonly ok: boolean
  /** False for what only some commands need: doctor tells of it, and does not fail for it. */
  readonly required: boolean
  /** What was found, or how to get it. */
  readonly detail: string
}

/** Prints the state of this host and, when asked, installs what is missing. Returns the exit status: 0, or 9 when something is missing. */
export async function runDoctor(options: { readonly install: boolean; readonly json: boolean }): Promise<number> {
  if (options.install) await installMissing()
  const checks = await checkHost()
  if (options.json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
  else process.stdout.write(renderTable(['', 'NAME', 'NEEDED FOR', 'STATE'], checks.map(row)))
  const missing = checks.filter((check) => check.required && !check.ok)
  if (missing.length === 0) return 0
  const command = installCommand(await missingTools())
  if (!options.json && command.length > 0) {
    process.stderr.write(
      `To install what is missing: ${isRoot() ? 'ingot doctor --install' : `sudo ${command.join(' ')}`}\n`,
    )
  }
  return 9
}

function row(check: Check): string[] {
  const mark = check.ok
    ? styleText('green', '✓', { stream: process.stdout })
    : styleText('red', '✗', { stream: process.stdout })
  return [mark, check.name, check.neededFor, check.detail]
}

function builderCheck(): Check {
  const obstacle = isRoot() ? undefined : rootlessObstacle(userInfo().username)
  return {
    name: 'root, or user namespaces',
    neededFor: 'ingot build',
    ok: obstacle === undefined,
    required: false,
    detail: isRoot() ? 'root' : (obstacle ?? 'user namespaces'),
  }
}

export async function checkHost(): Promise<readonly Check[]> {
  const checks: Check[] = [
    {
      name: 'Linux',
      neededFor: 'everything',
      ok: process.platform === 'linux',
      required: true,
      detail: `${process.platform} ${process.arch}, ${distribution().name}`,
    },
    {
      name: 'Node 24',
      neededFor: 'everything',
      ok: Number(process.versions.node.split('.')[0]) >= 24,
      required: true,
      detail: process.version,
    },
    builderCheck(),
  ]
  for (const tool of tools) {
    const path = await findTool(tool.name)
    checks.push({
      name: tool.name,
      neededFor: tool.neededFor,
      ok: path !== undefined,
      required: !tool.optional,
      detail: path ?? `missing: package ${installCommand([tool]).at(-1) ?? 'unknown on this distribution'}`,
    })
  }
  return checks
}

async function missingTools(): Promise<(typeof tools)[number][]> {
  const found = await Promise.all(tools.map((tool) => findTool(tool.name)))
  return tools.filter((tool, index) => found[index] === undefined && !tool.optional)
}

async function installMissing(): Promise<void> {
  const missing = await missingTools()
  if (missing.length === 0) return
  const command = installCommand(missing)
  const [program, ...args] = command
  if (program === undefined) {
    throw new IngotError('unsupported', `Ingot does not know the package manager of ${distribution().name}`, {
      hint: `Install by hand: ${missing.map((tool) => tool.name).join(', ')}.`,
    })
  }
  if (!isRoot()) {
    throw new IngotError(
      'missing-tool',
      `missing: ${missing.map((tool) => tool.name).join(', ')}; installing needs root`,
      {
        hint: `Run: sudo ${command.join(' ')}`,
      },
    )
  }
  process.stderr.write(`installing: ${command.join(' ')}\n`)
  if (program === 'apt-get') await run('apt-get', ['update', '-q'])
  await run(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } })
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
