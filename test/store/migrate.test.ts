import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listImages } from '../../src/store/catalog/list.ts'
import { newestVersion } from '../../src/store/catalog/migrations/registry.ts'
import { catalogVersion } from '../../src/store/catalog/sqlite.ts'
import { changeProperties } from '../../src/store/changes.ts'
import { openStore, storeFolders } from '../../src/store/store.ts'
import { ownFolder, withStore } from '../support/store.ts'

// Catalogs as earlier versions of Ingot left them: catalogs/ has one of each.

const soak = process.env.INGOT_SOAK !== undefined
const folder = ownFolder('migrate')
const catalogs = join(import.meta.dirname, 'catalogs')
const versions = readdirSync(catalogs).map((name) => Number.parseInt(name, 10))

/** A home whose catalog is that of an earlier version, with more images when that is asked for. */
function oldHome(name: string, version: number, more = 0): string {
  const home = join(folder, name)
  const { catalog, blobs } = storeFolders(home)
  mkdirSync(blobs, { recursive: true })
  const database = new DatabaseSync(catalog, { enableForeignKeyConstraints: false })
  database.exec(readFileSync(join(catalogs, `${String(version).padStart(4, '0')}.sql`), 'utf8'))
  const columns = 'format, type, architecture, size, public, auto_update, cached, uploaded_at, file_name'
  const numbers = `WITH RECURSIVE numbers(n) AS (SELECT 1 WHERE ${more} > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${more})`
  database.exec(
    `INSERT INTO images (fingerprint, properties, ${columns})
     ${numbers} SELECT printf('%064x', n), json_object('os', 'debian', 'description', 'image ' || n), ${columns} FROM numbers, images WHERE images.id = 1`,
  )
  database.close()
  return home
}

test('there is a catalog of each earlier version', () => {
  expect(versions).toEqual(Array.from({ length: newestVersion - 1 }, (_, index) => index + 1))
})

test.each(versions)(
  'a catalog of version %i is brought to the newest: nothing is lost, and a copy stays',
  async (version) => {
    const home = oldHome(`version-${version}`, version)
    const { catalog } = storeFolders(home)
    await withStore(home, async (store) => {
      expect(catalogVersion(store.database)).toBe(newestVersion)
      const images = listImages(store.database)
      expect(images.map(({ aliases }) => aliases.map(({ name }) => name))).toEqual([
        ['first', 'one'],
        ['two'],
        ['three'],
      ])
      expect(images[0]).toMatchObject({
        format: 'rootfs',
        public: true,
        properties: { os: 'debian', release: 'bookworm', version: '12', description: '第一 “image”' },
      })
      expect(images[1]).toMatchObject({
        format: 'oci',
        autoUpdate: true,
        expiresAt: 4_000_000_000,
        createdAt: 1_700_000_000,
      })
      expect(images[2]).toMatchObject({ format: 'lxd', variant: 'split', cached: true, properties: { empty: '' } })
      const descriptions = () => listImages(store.database).map(({ properties }) => properties.description)
      expect(descriptions()).toEqual(['第一 “image”', undefined, 'three'])
      await store.exclusively(async (inside) => await changeProperties(inside, 2, { description: 'now two' }))
      await store.exclusively(async (inside) => await changeProperties(inside, 3, { description: undefined }))
      expect(descriptions()).toEqual(['第一 “image”', 'now two', undefined])
    })
    const copy = new DatabaseSync(`${catalog}.version-${version}`, { readOnly: true })
    expect(statSync(`${catalog}.version-${version}`).mode & 0o777).toBe(0o600)
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: version })
    expect(copy.prepare('SELECT count(*) AS n FROM images').get()).toEqual({ n: 3 })
    copy.close()
  },
)

test('properties that are damaged keep no catalog from its newest version', async () => {
  const home = oldHome('damaged', 1)
  const database = new DatabaseSync(storeFolders(home).catalog)
  database.exec("UPDATE images SET properties = '{\"descr' WHERE id = 1")
  database.close()
  await withStore(home, async (store) => {
    expect(catalogVersion(store.database)).toBe(newestVersion)
    expect(() => listImages(store.database)).toThrow('its properties are damaged')
  })
})

test(`killed while a catalog is brought to the newest version, it is as before or done`, async () => {
  const images = 20_000
  const prepared = oldHome('prepared', 1, images)
  const opener = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/store.ts'))}
    process.stdout.write('opening')
    await openStore(process.argv[1])
    process.stdout.write('open')`
  let killed = 0
  for (let i = 0; i < (soak ? 300 : 20); i++) {
    const home = join(folder, 'killed')
    rmSync(home, { recursive: true, force: true })
    cpSync(prepared, home, { recursive: true })
    const child = spawn(process.execPath, ['--input-type=module', '-e', opener, home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close')
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk))
    await once(child.stdout, 'data')
    await sleep((i % 20) * 10)
    child.kill('SIGKILL')
    await closed
    if (!said.endsWith('open')) killed++
    const store = await openStore(home)
    expect(catalogVersion(store.database)).toBe(newestVersion)
    expect(
      listImages(store.database)
        .map(({ properties }) => properties.description)
        .slice(3),
    ).toEqual(Array.from({ length: images }, (_, n) => `image ${n + 1}`))
    // What there is besides the catalog, its copy, and the room that is kept for a full disk.
    const rest = readdirSync(home).filter(
      (name) => !/^(catalog\.db(\.version-1|-wal|-shm)?|blobs|tmp|\.room.*)$/.test(name),
    )
    expect(rest).toEqual([])
    expect(store.database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    store.close()
  }
  expect(killed).toBeGreaterThan(2)
}, 600_000)
