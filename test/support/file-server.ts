import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface FileServer {
  readonly url: string
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  close(): void
}

/** Serves the files of a folder on a port of 127.0.0.1. */
export async function serveFolder(folder: string): Promise<FileServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    const path = join(folder, decodeURIComponent(request.url!))
    if (existsSync(path) && statSync(path).isFile()) return void response.end(readFileSync(path))
    response.statusCode = 404
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() }
}
