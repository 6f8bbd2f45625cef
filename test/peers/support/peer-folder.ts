import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for one peer's state, with all that runs or is mounted in it. */
export interface PeerFolder {
  readonly path: string
  /** For programs of the peer. Whatever is started with a variable that names the folder is ended with it. */
  readonly env: NodeJS.ProcessEnv
  /** Ends its processes, unmounts, and removes it. Throws when something stays behind. */
  remove(): Promise<void>
}

/**
 * A new folder. A guard, a process of its own, removes it with all that is in it and runs from it also when this
 * process dies without a word.
 */
export function peerFolder(peer: string): PeerFolder {
  // podman makes image names of paths, and so wants no capitals in them.
  const path = join(tmpdir(), `ingot-peer-${peer}-${randomBytes(6).toString('hex')}`)
  mkdirSync(path, { mode: 0o711 }) // roots of unprivileged containers must find their way in
  const guard = spawn(process.execPath, [new URL('guard.ts', import.meta.url).pathname, path], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
    cwd: '/',
  })
  guard.unref()
  let said = ''
  guard.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise<number | null>((resolve) => guard.once('close', resolve))
  return {
    path,
    env: { ...process.env, INGOT_PEER: path },
    async remove() {
      guard.stdin.end()
      guard.ref()
      const code = await ended
      if (code !== 0) throw new Error(`${path} was not cleaned up: ${said}`)
    },
  }
}
