import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeCatalog } from '../test/support/catalog.ts'
import { median, once } from './measure.ts'

/** What one measurement of the store came to; there is no peer that does it without a daemon. */
export interface StoreFigure {
  readonly job: string
  /** The most seconds that are good enough. */
  readonly most: number
  readonly seconds: number
  readonly peakBytes: number
}

/** Listing and filtering 10,000 images, and 1,000 aliases in one import; process start included, medians after a warm-up. */
export async function measureStore(work: string, ingot: string, runs: number): Promise<readonly StoreFigure[]> {
  const home = mkdtempSync(join(work, 'store-'))
  await makeCatalog(home, 10_000)
  const image = join(home, 'image.tar')
  await once(`tar -cf ${image} -C / bin/sh etc/os-release usr/lib/os-release`)
  const aliases = Array.from({ length: 1000 }, (_, i) => `--alias many/${i}`).join(' ')
  const jobs = [
    { job: 'ingot image list, 10,000 images', most: 0.15, command: 'image list' },
    { job: 'ingot image list os=debian, of 10,000', most: 0.15, command: 'image list os=debian' },
    {
      job: 'ingot image import of a small image with 1,000 aliases',
      most: 1,
      command: `image import ${image} --architecture amd64 ${aliases}`,
    },
  ]
  const figures: StoreFigure[] = []
  for (const { job, most, command } of jobs) {
    const times: number[] = []
    let peakBytes = 0
    for (let i = -1; i < runs; i++) {
      const run = await once(`env INGOT_HOME=${home} ${ingot} ${command}`)
      if (i >= 0) times.push(run.seconds)
      peakBytes = Math.max(peakBytes, run.peakBytes)
    }
    figures.push({ job, most, seconds: median(times), peakBytes })
  }
  rmSync(home, { recursive: true })
  return figures
}
