import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf } from './blocks.ts'

test('cuts are where they should be, whatever the chunks and whenever memory is given back', async () => {
  const cases = fc.record({
    chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 }),
    size: fc.integer({ min: 5, max: 30 }),
    lookBack: fc.integer({ min: 0, max: 5 }),
    releases: fc.infiniteStream(fc.boolean()),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ chunks, size, lookBack, releases }) => {
      async function* source() {
        for (const chunk of chunks) yield Buffer.from(chunk)
      }
      const whole = Buffer.concat(chunks)
      const kept: (() => void)[] = []
      let at = 0
      for await (const { bytes, before, release } of blocksOf(source(), size, lookBack)) {
        const start = at
        const check = () => {
          expect(bytes).toEqual(whole.subarray(start, start + size))
          expect(before).toEqual(whole.subarray(Math.max(0, start - lookBack), start))
        }
        check()
        at += size
        if (releases.next().value) release()
        else kept.push(check)
      }
      for (const check of kept) check() // nobody else has written there
      expect(at).toBe(Math.max(1, Math.ceil(whole.length / size)) * size)
    }),
  )
})
