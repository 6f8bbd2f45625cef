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

/** One of each kind: a property, an expression, two properties, a word, digits of fingerprints, options, and fields. */
const filters = [
  'os=debian',
  "'os=(debian|fedora)'",
  'os=debian release=12',
  'debian/12',
  'debian',
  '5f',
  '--public',
  '--arch arm64',
  '--type container',
  'architecture=arm64',
  'format=lxd',
  'os=debian --public --arch amd64',
]
/** The forms, orders and columns that lists have beside the usual ones, and the most seconds: SQLite prints the first three. */
const forms = [
  ['--format csv', 0.15],
  ['--format compact', 0.15],
  ['--sort s --reverse', 0.15],
  ['-c fdl', 0.2],
  ['-c lfox', 0.2],
] as const

/** Listing and filtering 10,000 images, and 1,000 aliases in one import; process start included, medians after a warm-up. */
export async function measureStore(work: string, ingot: string, runs: number): Promise<readonly StoreFigure[]> {
  const home = mkdtempSync(join(work, 'store-'))
  await makeCatalog(home, 10_000)
  const chinese = join(home, 'chinese')
  await makeCatalog(chinese, 10_000, '镜像/')
  const image = join(home, 'image.tar')
  await once(`tar -cf ${image} -C / bin/sh etc/os-release usr/lib/os-release`)
  const aliases = Array.from({ length: 1000 }, (_, i) => `--alias many/${i}`).join(' ')
  const jobs = [
    { job: 'ingot image list, 10,000 images', most: 0.15, command: 'image list' },
    { job: 'the same, with Chinese aliases and descriptions', most: 0.15, command: `image list --home ${chinese}` },
    ...filters.map((filter) => ({
      job: `ingot image list ${filter}, of 10,000`,
      most: 0.15,
      command: `image list ${filter}`,
    })),
    ...forms.map(([form, most]) => ({
      job: `ingot image list ${form}, 10,000 images`,
      most,
      command: `image list ${form}`,
    })),
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
