import { spawn, spawnSync } from 'node:child_process'

/** Runs a program with this terminal's streams and returns its exit status. */
export function runStep(title: string, command: string, args: readonly string[]): number {
  const started = Date.now()
  process.stdout.write(`\n--- ${title}\n`)
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) process.stdout.write(`${command}: ${error.message}\n`)
  sayEnd(title, status ?? 1, started)
  return status ?? 1
}

/** As runStep, beside others: their lines come between each other. */
export async function runBeside(title: string, command: string, args: readonly string[]): Promise<number> {
  const started = Date.now()
  process.stdout.write(`\n--- ${title}\n`)
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      process.stdout.write(`${command}: ${error.message}\n`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
  sayEnd(title, status, started)
  return status
}

function sayEnd(title: string, status: number, started: number): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`--- ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`)
}
