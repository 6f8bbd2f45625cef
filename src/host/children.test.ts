import { expect, test } from 'vitest'
import { liveChildren, stopChildren } from './children.ts'
import { streamFrom } from './pipe.ts'
import { run } from './run.ts'

function startShell(script: string): AsyncIterator<Buffer> {
  return streamFrom('sh', ['-c', script])[Symbol.asyncIterator]()
}

test('stopping ends all children, and what they did counts as interrupted', async () => {
  const deaf = startShell("trap '' TERM; echo up; while :; do sleep 0.05; done")
  const polite = startShell("trap 'echo bye >&2; exit 3' TERM; echo up; while :; do sleep 0.05; done")
  await Promise.all([deaf.next(), polite.next()])
  const results = Promise.allSettled([deaf.next(), polite.next(), run('sleep', ['1000'])])
  while (liveChildren().length < 3) await new Promise((resolve) => setTimeout(resolve, 10))
  const start = performance.now()
  await stopChildren(500)
  expect(performance.now() - start).toBeGreaterThan(400) // the deaf one got its time
  expect(liveChildren().length).toBe(0)
  for (const result of await results)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } })
})
