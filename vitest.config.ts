import { defineConfig } from 'vitest/config'

/** Tests of one room that take seconds: they compare with a model, start programs or read very much. */
const slow = 'src/**/*.slow.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          exclude: [slow],
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      { test: { name: 'slow', include: [slow], maxWorkers: 2, testTimeout: 60_000 } },
      {
        // Peers that are daemons, mounts, memory and kills: one file after the other, and after all else.
        test: {
          name: 'system',
          include: ['test/*/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
