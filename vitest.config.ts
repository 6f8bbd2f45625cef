import { defineConfig } from 'vitest/config'

/** Tests of one room that take seconds: they compare with a model, start programs or read very much. */
const slow = 'src/**/*.slow.test.ts'

/** Builds, and all that makes users of this machine, which cannot be done by two at once. */
const builds = ['test/build/**/*.test.ts', 'test/peers/dockerfile.test.ts', 'test/peers/rootless-build.test.ts']

/** Peers that are daemons, mounts, memory and kills: one file after the other, and after all else. */
const alone = {
  fileParallelism: false,
  sequence: { groupOrder: 1 },
  testTimeout: 300_000,
  hookTimeout: 300_000,
}

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
      { test: { ...alone, name: 'builds', include: builds } },
      { test: { ...alone, name: 'system', include: ['test/*/**/*.test.ts'], exclude: builds } },
    ],
  },
})
