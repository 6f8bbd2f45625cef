import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collect } from '../image/stream.ts'
import { liveChildren } from './children.ts'
import { pipeThrough, streamFrom, streamInto } from './pipe.ts'

async function* chunksOf(...chunks: (string | Buffer)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

/** Never ends by itself; says when it was closed. */
function endless(): { source: AsyncGenerator<Buffer>; closed: () => boolean; given: () => number } {
  let closed = false
  let given = 0
  async function* give() {
    try {
      for (;;) {
        given++
        yield Buffer.alloc(65536, 'x')
        await new Promise(setImmediate)
      }
    } finally {
      closed = true
    }
  }
  return { source: give(), closed: () => closed, given: () => given }
}

function childrenOfThisProcess(): string[] {
  const children = readdirSync(`/proc/self/task`).flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '),
  )
  return children.filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'cat')
}

test('bytes go through a program', async () => {
  const input = Buffer.alloc(5_000_000, 'Ingot ')
  expect(
    (await collect(pipeThrough('cat', [], chunksOf(input, 'end')))).equals(Buffer.concat([input, Buffer.from('end')])),
  ).toBe(true)
  expect((await collect(pipeThrough('cat', [], chunksOf()))).length).toBe(0)
  expect((await collect(streamFrom('echo', ['hello']))).toString()).toBe('hello\n')
  await streamInto('sh', ['-c', 'test "$(cat)" = hello'], chunksOf('hel', 'lo'))
  expect(liveChildren().length).toBe(0)
})

test('programs run in English, in UTC, in the folder and environment asked for', async () => {
  const said = await collect(
    streamFrom('sh', ['-c', 'echo $LC_ALL $TZ $MORE $PWD'], { cwd: '/usr', env: { MORE: 'more' } }),
  )
  expect(said.toString()).toBe('C.UTF-8 UTC more /usr\n')
  const unset = await collect(streamFrom('sh', ['-c', 'echo "<$HOME>"'], { env: { HOME: undefined } }))
  expect(unset.toString()).toBe('<>\n')
})

test('a failure is reported with the last of what the program said', async () => {
  const script = 'cat; for i in $(seq 2000); do echo "line $i" >&2; done; exit 3'
  const stream = pipeThrough('sh', ['-c', script], chunksOf('data'))
  const got: Buffer[] = []
  const reading = (async () => {
    for await (const chunk of stream) got.push(chunk)
  })()
  await expect(reading).rejects.toMatchObject({
    code: 'command-failed',
    message: expect.stringMatching(/^sh failed with exit status 3: (line \d+\n){9}line 2000$/),
  })
  expect(Buffer.concat(got).toString()).toBe('data')
  await expect(collect(streamFrom('sh', ['-c', 'kill -TERM $$']))).rejects.toMatchObject({
    message: 'sh was stopped by SIGTERM',
  })
})

test('a program that stops reading is judged by how it ends', async () => {
  const failing = endless()
  await expect(
    collect(pipeThrough('sh', ['-c', 'exec <&-; echo bad archive >&2; exit 1'], failing.source)),
  ).rejects.toMatchObject({
    code: 'command-failed',
    message: 'sh failed with exit status 1: bad archive',
  })
  expect(failing.closed()).toBe(true)
  const intoFailing = endless()
  await expect(streamInto('sh', ['-c', 'exit 7'], intoFailing.source)).rejects.toThrow('exit status 7')
  expect(intoFailing.closed()).toBe(true)
  let drained = false
  async function* long() {
    for (let i = 0; i < 100; i++) yield Buffer.alloc(65536, 'a')
    drained = true
  }
  expect((await collect(pipeThrough('head', ['-c', '5'], long()))).toString()).toBe('aaaaa')
  expect(drained).toBe(true)
})

test('an error of the source is passed on and ends the program', async () => {
  const broken = new Error('broken source')
  async function* source() {
    yield Buffer.alloc(1000, 'x')
    throw broken
  }
  await expect(collect(pipeThrough('cat', [], source()))).rejects.toBe(broken)
  await expect(streamInto('sleep', ['1000'], source())).rejects.toBe(broken)
  expect(liveChildren().length).toBe(0)
})

test('leaving early ends the program and closes the source', async () => {
  const { source, closed, given } = endless()
  let seen = 0
  for await (const chunk of pipeThrough('cat', [], source)) {
    seen += chunk.length
    if (seen > 1_000_000) break
  }
  expect(closed()).toBe(true)
  expect(given()).toBeLessThan(200) // back-pressure held
  for await (const _ of streamFrom('yes', [])) break
  expect(liveChildren().length).toBe(0)
  expect(childrenOfThisProcess()).toEqual([])
})

test('a program that is not there', async () => {
  await expect(collect(streamFrom('no-such-program', []))).rejects.toMatchObject({ code: 'missing-tool' })
  await expect(collect(streamFrom('echo', [], { cwd: '/no/such/folder' }))).rejects.toMatchObject({ code: 'not-found' })
})
