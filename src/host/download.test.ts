import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { download } from './download.ts'
import { temporaryFolder } from './temporary.ts'

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251))
const sha256 = createHash('sha256').update(content).digest('hex')
const servers: Server[] = []

/** A server that does this for each request in turn; the ranges that were asked for. */
async function serve(...answers: ((response: ServerResponse, from: number) => void)[]) {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    answers.shift()!(response, Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/root.tar`, ranges }
}

const whole = (response: ServerResponse) => response.end(content)
const rest = (response: ServerResponse, from: number) => response.writeHead(206).end(content.subarray(from))
const cut = (response: ServerResponse, from: number) => {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from })
  response.write(content.subarray(from, from + 20_000), () => setTimeout(() => response.destroy(), 50))
}

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder({ prefix: 'download-' })
  await work(join(folder.path, 'file'))
  await folder.remove()
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

test('what comes is what was promised', async () => {
  await inFolder(async (path) => {
    const { url } = await serve(whole)
    await download(url, path, { sha256 })
    expect(readFileSync(path).equals(content)).toBe(true)
  })
})

test('a broken download goes on where it broke, also the next time', async () => {
  await inFolder(async (path) => {
    const { url, ranges } = await serve(cut, cut, cut, cut, rest)
    await expect(download(url, path, { sha256, pause: 1 })).rejects.toMatchObject({ code: 'io' })
    expect(ranges[0]).toBeUndefined()
    const { size } = statSync(path)
    expect(size).toBeGreaterThan(0)
    await download(url, path, { sha256, pause: 1 })
    expect(ranges.at(-1)).toBe(`bytes=${size}-`)
    expect(readFileSync(path).equals(content)).toBe(true)
  })
})

test('a server without ranges sends all of it again', async () => {
  await inFolder(async (path) => {
    const { url } = await serve(cut, whole)
    await download(url, path, { sha256, pause: 1 })
    expect(readFileSync(path).equals(content)).toBe(true)
  })
})

test('other content is refused, and not gone on with', async () => {
  await inFolder(async (path) => {
    const { url } = await serve((response) => response.end('something else'), whole)
    await expect(download(url, path, { sha256 })).rejects.toMatchObject({ code: 'corrupt' })
    expect(statSync(path).size).toBe(0)
    writeFileSync(path, '')
    await download(url, path, { sha256 })
  })
})

test('what is not there, and servers that are not', async () => {
  await inFolder(async (path) => {
    const { url } = await serve((response) => response.writeHead(404).end())
    await expect(download(url, path, { sha256 })).rejects.toMatchObject({
      code: 'not-found',
      message: `${url}: the server says 404 Not Found`,
    })
    const nobody = download('http://127.0.0.1:9/x', path, { sha256, pause: 1 })
    await expect(nobody).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('cannot download') })
  })
})
