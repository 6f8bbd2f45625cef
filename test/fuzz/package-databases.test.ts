import { describe, expect, test } from 'vitest'
import { IngotError } from '../../src/image/error.ts'
import { pacman } from '../../src/layers/package-databases/pacman.ts'
import { rpm } from '../../src/layers/package-databases/rpm.ts'
import { rpmNdb, rpmPackage, rpmSqlite } from '../support/rpm-databases.ts'
import { mutate, randomFrom } from './mutate.ts'

// Whatever a package database of an image holds: packages, or an error that says that it cannot be read.

const packages = Array.from({ length: 20 }, (_, index) =>
  rpmPackage(`p${index}`, { 1003: index, 1004: 'x'.repeat(900) }),
)
const { file, log } = rpmSqlite(packages.slice(0, 10), packages.slice(10))
const rounds = process.env.INGOT_SOAK ? 20_000 : 300

describe.each([
  ['SQLite', rpm, { 'var/lib/rpm/rpmdb.sqlite': file, 'var/lib/rpm/rpmdb.sqlite-wal': log }],
  ['ndb', rpm, { 'var/lib/rpm/Packages.db': rpmNdb(packages) }],
  ['pacman', pacman, { 'var/lib/pacman/local/a/desc': Buffer.from('%NAME%\na\n\n%VERSION%\n1\n\n%SIZE%\n4\n') }],
] as const)('damaged: %s', (_, database, files: Readonly<Record<string, Buffer>>) => {
  test('packages or an error', () => {
    let read = 0
    for (let seed = 1; seed <= rounds; seed++) {
      const random = randomFrom(seed)
      const damaged = Object.entries(files).map(([path, content]): [string, Buffer] => [path, mutate(content, random)])
      try {
        read += database.read(new Map(damaged)).length
      } catch (error) {
        if (!(error instanceof IngotError)) throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    expect(read).toBeGreaterThan(0)
  })
})
