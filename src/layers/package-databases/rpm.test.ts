import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rpmHeader, rpmNdb, rpmPackage, rpmSqlite } from '../../../test/support/rpm-databases.ts'
import { rpm } from './rpm.ts'
import { packageOfHeader } from './rpm-header.ts'

const names = (files: Readonly<Record<string, Buffer>>) =>
  rpm.read(new Map(Object.entries(files))).map(({ name }) => name)

describe('headers', () => {
  test('say what a package is', () => {
    const header = rpmHeader({
      63: 'region',
      1000: 'bash',
      1001: '5.2.15',
      1002: '1.fc39',
      1003: 2,
      1004: { i18n: 'The shell' },
      1009: 8_400_000,
      1011: 'Fedora Project',
      1014: 'GPL-3.0-or-later',
      1020: 'https://example.org',
      1022: 'x86_64',
      1044: 'bash-src-5.2.15-1.fc39.src.rpm',
    })
    expect(packageOfHeader(header)).toEqual({
      manager: 'rpm',
      name: 'bash',
      version: '2:5.2.15-1.fc39',
      architecture: 'x86_64',
      source: 'bash-src',
      maintainer: 'Fedora Project',
      homepage: 'https://example.org',
      summary: 'The shell',
      license: 'GPL-3.0-or-later',
      installedSize: 8_400_000,
    })
  })

  test('of keys are no packages', () => {
    expect(packageOfHeader(rpmPackage('gpg-pubkey'))).toBeUndefined()
  })

  test('any texts and numbers come out as they went in', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._+~-]{1,40}$/).filter((name) => name !== 'gpg-pubkey')
    const texts = fc.record({
      name: word,
      version: word,
      release: word,
      summary: fc.string().filter((s) => !s.includes('\0')),
    })
    fc.assert(
      fc.property(texts, fc.nat(0xffffffff), ({ name, version, release, summary }, epoch) => {
        const header = rpmHeader({ 1004: { i18n: summary }, 1003: epoch, 1000: name, 1002: release, 1001: version })
        const found = packageOfHeader(header)
        expect(found).toMatchObject({ name, version: `${epoch}:${version}-${release}` })
        expect(found?.summary ?? '').toBe(Buffer.from(summary).toString())
      }),
    )
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['less than it says', rpmPackage('a').subarray(0, -1)],
    [
      'a name without an end',
      Buffer.concat([rpmHeader({ 1001: '1', 1002: '1', 1000: 'abc' }).subarray(0, -1), Buffer.from('x')]),
    ],
    ['no version', rpmHeader({ 1000: 'a' })],
    ['more entries than there can be', Buffer.from('ffffffff00000010', 'hex')],
  ])('%s is an error', (_, header) => {
    expect(() => packageOfHeader(header)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })
})

describe('databases', () => {
  const two = [rpmPackage('one'), rpmPackage('two')]

  test('SQLite, at both places, and what is in its log alone', () => {
    const { file } = rpmSqlite(two)
    expect(names({ 'usr/lib/sysimage/rpm/rpmdb.sqlite': file })).toEqual(['one', 'two'])
    expect(names({ 'var/lib/rpm/rpmdb.sqlite': file, 'var/lib/rpm/rpmdb.sqlite-wal': Buffer.alloc(0) })).toEqual([
      'one',
      'two',
    ])
    const many = Array.from({ length: 60 }, (_, index) => rpmPackage(`p${index}`, { 1004: 'x'.repeat(2000) }))
    const written = rpmSqlite(two, many)
    const found = names({ 'var/lib/rpm/rpmdb.sqlite': written.file, 'var/lib/rpm/rpmdb.sqlite-wal': written.log })
    expect(found).toHaveLength(62)
    expect(found.at(-1)).toBe('p59')
    expect(names({ 'var/lib/rpm/rpmdb.sqlite': written.file })).toEqual(['one', 'two'])
  })

  test('ndb', () => {
    expect(names({ 'usr/lib/sysimage/rpm/Packages.db': rpmNdb(two) })).toEqual(['one', 'two'])
  })

  test('Berkeley DB is told of; nothing is nothing', () => {
    expect(() => names({ 'var/lib/rpm/Packages': Buffer.alloc(100) })).toThrow(
      '/var/lib/rpm/Packages is an rpm database in Berkeley DB',
    )
    expect(names({})).toEqual([])
  })

  test('what is no table of rpm’s is not read', () => {
    const made = (sql: string) => {
      const database = new DatabaseSync(':memory:')
      database.exec(sql)
      const file = Buffer.from(database.serialize())
      database.close()
      return { 'var/lib/rpm/rpmdb.sqlite': file }
    }
    const endless =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS hnum, zeroblob(9) AS blob FROM n'
    expect(() => names(made(`CREATE VIEW Packages AS ${endless}`))).toThrow('it has no table of packages')
    const computed = 'CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB AS (zeroblob(1000000000)))'
    expect(() => names(made(computed))).toThrow('it has no table of packages')
    expect(() => names({ 'var/lib/rpm/rpmdb.sqlite': Buffer.from('text') })).toThrow('it is no SQLite database')
  })
})
