import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Two cores, and peers that are daemons: files of test/ run one after the other, unit tests side by side.
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'system',
          include: ['test/*/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
