import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { IngotError, messageOf } from '../image/error.ts'
import { openFile } from './file.ts'

export interface DownloadOptions {
  /** Hexadecimal digits: what comes must be this. */
  readonly sha256: string
  /** Milliseconds before a broken download is taken up again the first time; twice as long each time after. Default 1000. */
  readonly pause?: number
}

const attempts = 4

/**
 * Downloads a file to a path, where a part of it may lie from before: it is gone on with (RFC 9110, range requests) where the server
 * can do that. A broken connection is taken up again three times. Throws 'corrupt' when what came is something else; nothing is left
 * then. Throws 'not-found' and 'io', and leaves what there is for the next time.
 */
export async function download(url: string, path: string, { sha256, pause = 1000 }: DownloadOptions): Promise<void> {
  const handle = await open(path, 'a+', 0o600)
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await receive(url, handle)
        break
      } catch (error) {
        if (error instanceof IngotError || attempt === attempts) throw failure(url, error)
        await sleep(pause * 2 ** (attempt - 1))
      }
    }
    const found = await digestOf(path)
    if (found === sha256) return
    await handle.truncate(0)
    throw new IngotError('corrupt', `${url}: the content's SHA-256 is ${found}, not ${sha256}`)
  } finally {
    await handle.close()
  }
}

async function receive(url: string, handle: FileHandle): Promise<void> {
  const { size } = await handle.stat()
  const response = await fetch(url, { headers: size > 0 ? { range: `bytes=${size}-` } : {} })
  if (response.status === 416) return // all of it is there: the digest tells
  if (!response.ok) {
    const text = `${url}: the server says ${response.status} ${response.statusText}`.trimEnd()
    await response.body?.cancel()
    if (response.status >= 500) throw new Error(text)
    throw new IngotError(response.status === 404 || response.status === 410 ? 'not-found' : 'io', text)
  }
  // Whoever does not know ranges sends all of it.
  if (response.status !== 206) await handle.truncate(0)
  for await (const chunk of response.body ?? []) await handle.appendFile(chunk)
}

function failure(url: string, error: unknown): IngotError {
  if (error instanceof IngotError) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return new IngotError('io', `cannot download ${url}: ${messageOf(cause)}`, { cause: error })
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of (await openFile(path)).open()) hash.update(chunk)
  return hash.digest('hex')
}
