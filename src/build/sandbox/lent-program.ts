import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { run } from '../../host/run.ts'
import { requireTool } from '../../host/tools.ts'
import { sandboxFiles } from './environment.ts'
import type { SandboxBind } from './sandbox.ts'

/** A program of the host as a sandbox can run it. */
export interface LentProgram {
  readonly command: readonly string[]
  readonly binds: readonly SandboxBind[]
}

/**
 * A program of the host, its libraries and its dynamic linker, lent to an image: it runs there whatever the image has, and sees the
 * image's files as the image's own programs would. Throws 'missing-tool'.
 */
export async function lentProgram(name: string): Promise<LentProgram> {
  const program = await requireTool(name)
  const { stdout } = await run('ldd', [program])
  const folder = `${sandboxFiles}/${name}`
  const lend = (path: string, as: string) => ({
    source: realpathSync(path),
    target: `${folder}/${as}`,
    writable: false,
  })
  const libraries = [...stdout.matchAll(/^\s*(\S+) => (\/\S+) \(/gm)].map(([, as, path]) => lend(path!, `lib/${as}`))
  const linker = /^\s*(\/\S+) \(/m.exec(stdout)?.[1]
  const own = lend(program, name)
  if (linker === undefined) return { command: [own.target], binds: [own] } // it needs no libraries
  const start = lend(linker, basename(linker))
  return {
    command: [start.target, '--library-path', `${folder}/lib`, own.target],
    binds: [own, start, ...libraries],
  }
}
