import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ingot as run } from '../support/ingot.ts'
import { ownFolder, writeImage } from '../support/store.ts'

const folder = ownFolder('image-cli')
const env = { INGOT_HOME: join(folder, 'home') }
const at = (name: string) => join(folder, name)

/** Runs `ingot image …`, which must succeed; returns its standard output. */
async function image(...args: string[]): Promise<string> {
  const outcome = await run(['image', ...args], { env })
  expect(outcome.status, outcome.stderr).toBe(0)
  return outcome.stdout.toString()
}

let lxd = ''
beforeAll(async () => {
  lxd = (await writeImage(at('in'), 'lxd', 'lxd')).slice('lxd:'.length)
})

test('two files by their names, as lxc takes them; standard input; a second time', async () => {
  const [meta, root] = lxd.split(',') as [string, string]
  const first = await image(
    'import',
    meta,
    root,
    '--alias',
    'deb',
    '--alias',
    'debian/12',
    '--property',
    'team=lab',
    '--public',
  )
  const fingerprint = /^Image imported with fingerprint: ([0-9a-f]{64})\n$/.exec(first)![1]!
  expect(await image('import', root, meta, '--alias', 'again')).toContain(fingerprint)
  const listed = JSON.parse(await image('list', '--format', 'json'))
  expect(listed).toHaveLength(1)
  expect(listed[0]).toMatchObject({ fingerprint, public: true, properties: { team: 'lab', os: 'debian' } })
  expect(listed[0].aliases.map((alias: { name: string }) => alias.name)).toEqual(['again', 'deb', 'debian/12'])

  const docker = await writeImage(at('in'), 'piped', 'docker')
  const piped = await run(['image', 'import', '-', '--alias', 'piped'], { env, input: readFileSync(docker.slice(15)) })
  expect(piped.status, piped.stderr).toBe(0)
  expect(await image('list', 'piped', '-c', 'loa', '--format', 'csv')).toBe('piped,docker,x86_64\n')
})

test('list, info and show', async () => {
  expect(await image('list', 'team=lab', '-c', 'lp', '--format', 'csv')).toBe('deb (2 more),yes\n')
  expect(await image('list', 'team=no', '--format', 'csv')).toBe('')
  expect(await image('list', '--arch', 'arm64', '--format', 'csv')).toBe('')
  expect(await image('info', 'deb')).toMatch(/Architecture: x86_64\n[\s\S]*Aliases:\n\s+- again/)
  expect(await image('show', 'deb')).toMatch(/^auto_update: false\n/)
  const wrong = await run(['image', 'list', '-c', 'Z'], { env })
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('no column "Z"')
  const missing = await run(['image', 'info', 'debb'], { env })
  expect(missing.status).toBe(3)
  expect(missing.stderr).toMatch(/did you mean "deb"/)
})

test('edit: a mistake opens the editor again; what cannot be changed is refused', async () => {
  const editor = at('editor.sh')
  // The first time it makes a mistake, the second time it finds the error in the file and corrects it.
  writeFileSync(
    editor,
    `#!/bin/sh\nif grep -q '^# ERROR: line .*maybe' "$1"; then sed -i 's/: maybe/: true/' "$1"; else sed -i 's/auto_update: false/auto_update: maybe/' "$1"; fi\n`,
    { mode: 0o755 },
  )
  const bin = join(import.meta.dirname, '../../bin/ingot')
  execFileSync('script', ['-qec', `"${bin}" image edit deb`, '/dev/null'], {
    env: { ...process.env, ...env, EDITOR: editor },
  })
  expect(await image('info', 'deb')).toContain('Auto update: enabled')

  // What others do while the editor is open stays done.
  writeFileSync(
    editor,
    `#!/bin/sh\n"${bin}" image set-property deb meanwhile yes\nsed -i 's/^properties:/properties:\\n  edited: "yes"/' "$1"\n`,
  )
  execFileSync('script', ['-qec', `"${bin}" image edit deb`, '/dev/null'], {
    env: { ...process.env, ...env, EDITOR: editor },
  })
  expect(await image('get-property', 'deb', 'meanwhile')).toBe('yes\n')
  expect(await image('get-property', 'deb', 'edited')).toBe('yes\n')

  const edit = (text: string) => run(['image', 'edit', 'deb'], { env, input: Buffer.from(text) })
  const refused = await edit('public: true\nfingerprint: 123\n')
  expect(refused.status).toBe(5)
  expect(refused.stderr).toContain('line 2, column 1: fingerprint cannot be changed')
  expect((await edit('pubic: true\n')).stderr).toContain('no field "pubic"')
  expect((await edit('expires_at: soon\n')).stderr).toContain('line 1, column 13')
  expect((await edit('public: [\n')).status).toBe(5)
  expect(
    await edit('public: false\nexpires_at: 2040-01-02\nproperties:\n  os: gentoo\n  serial: "01"\n'),
  ).toMatchObject({ status: 0 })
  const [shown] = JSON.parse(await image('list', 'deb', '--format', 'json'))
  expect(shown).toMatchObject({
    public: false,
    expires_at: '2040-01-02T00:00:00Z',
    properties: { os: 'gentoo', serial: '01' },
  })
})

test('properties, aliases and their conflicts', async () => {
  await image('set-property', 'deb', 'os', 'debian')
  expect(await image('get-property', 'deb', 'os')).toBe('debian\n')
  await image('unset-property', 'deb', 'serial')
  expect((await run(['image', 'get-property', 'deb', 'serial'], { env })).status).toBe(3)
  const conflict = await run(['image', 'alias', 'create', 'deb', 'piped'], { env })
  expect(conflict.status).toBe(4)
  expect(conflict.stderr).toContain('--replace')
  await image('alias', 'create', 'stable', 'debian/12', '--description', 'what to use')
  await image('alias', 'create', 'stable', 'piped', '--replace')
  await image('alias', 'rename', 'stable', 'stable/2')
  expect(JSON.parse(await image('alias', 'list', 'stable', '--format', 'json'))).toMatchObject([{ name: 'stable/2' }])
  await image('alias', 'delete', 'stable/2')
})

test('export to a folder, a file, standard output, and to other formats', async () => {
  const out = at('out')
  mkdirSync(out)
  await image('export', 'deb', `${out}/`)
  expect(readdirSync(out).sort()).toEqual(['deb.lxd.tar.gz', 'deb.rootfs.squashfs'])
  const [meta] = lxd.split(',')
  expect(readFileSync(join(out, 'deb.lxd.tar.gz')).equals(readFileSync(meta!))).toBe(true)
  const again = await run(['image', 'export', 'deb', `${out}/`], { env })
  expect(again.status).toBe(4)
  await image('export', 'debian/12', `${out}/`)
  expect(readdirSync(out)).toContain('debian-12.rootfs.squashfs')
  await image('export', 'deb', '--to', 'rootfs', '--compression', 'none', '-o', at('deb.tar'))
  expect(execFileSync('tar', ['-tf', at('deb.tar')]).toString()).toContain('zz-mark')
  const piped = await run(['image', 'export', 'deb', '-', '--to', 'docker', '--name', 'x:1'], { env })
  expect(piped.status, piped.stderr).toBe(0)
  expect(execFileSync('tar', ['-t'], { input: piped.stdout }).toString()).toContain('manifest.json')
  expect(JSON.parse(await image('tree', 'piped', '--format', 'json'))).toMatchObject({
    wasted: 0,
    layers: [{ entries: expect.any(Number) }],
  })
  expect(JSON.parse(await image('sbom', 'piped'))).toMatchObject({ bomFormat: 'CycloneDX' })
})

test('images of the store in other commands: diff, inspect, convert', async () => {
  const diff = await run(['image', 'diff', 'deb', 'piped', '--format', 'json'], { env })
  expect(diff.status).toBe(1)
  expect(JSON.parse(diff.stdout.toString()).files.changed).toContainEqual({ path: 'zz-mark', what: ['content'] })
  expect(await run(['image', 'diff', 'deb', 'deb'], { env })).toMatchObject({ status: 0 })
  expect((await run(['diff', 'image:deb', `lxd:${lxd}`], { env })).stdout.toString()).toBe('no differences\n')
  expect((await run(['inspect', 'image:piped'], { env })).stdout.toString()).toContain('docker')
  const converted = await run(['convert', 'image:deb', '--to', 'rootfs', '-o', at('store.tar.zst')], { env })
  expect(converted.status, converted.stderr).toBe(0)
  expect(await run(['inspect', 'image:none'], { env })).toMatchObject({ status: 3 })
  expect(await image('list', 'piped', '-c', 'r', '--format', 'csv')).toMatch(/^"\w{3} \d+, 20\d\d at /)
})

test('expiry: told ahead, then hidden and not given', async () => {
  await image('import', (await writeImage(at('in'), 'short')).slice(7), '--alias', 'short', '--expires', '3d')
  const listed = await run(['image', 'list', 'short'], { env })
  expect(listed.stderr).toMatch(/^warning: short expires on \d{4}-\d\d-\d\d\n$/)
  const exported = await run(['image', 'export', 'short', at('short-lived.tar')], { env })
  expect(exported).toMatchObject({ status: 0, stderr: expect.stringContaining('warning: the image short expires on ') })
  await run(['image', 'edit', 'short'], { env, input: Buffer.from('expires_at: 2001-01-01\n') })
  expect(await image('list', 'short', '--format', 'csv')).toBe('')
  expect(await image('list', 'short', '--all', '-c', 'l', '--format', 'csv')).toBe('short\n')
  expect((await run(['image', 'export', 'short', at('short.tar')], { env })).stderr).toContain('expired on 2001-01-01')
  expect(JSON.parse(await image('prune', '--format', 'json'))).toEqual([])
  expect(await run(['store', 'config', 'images.expired', 'delete'], { env })).toMatchObject({ status: 0 })
  expect(JSON.parse(await image('prune', '--dry-run', '--format', 'json'))).toMatchObject([
    { reason: 'expired', aliases: ['short'] },
  ])
  expect(await image('prune')).toContain('expired')
  expect(await image('list', 'short', '--all', '--format', 'csv')).toBe('')
})

test('refresh: says what became of each, and fails when one cannot be', async () => {
  const [one, two] = [await writeImage(at('in'), 'old'), await writeImage(at('in'), 'new')].map((each) => each.slice(7))
  const own = { env: { INGOT_HOME: at('refreshed') } }
  const said = async (...args: string[]) => (await run(['image', ...args], own)).stdout.toString()
  copyFileSync(one!, at('source.tar'))
  const imported = await said('import', at('source.tar'), '--alias', 'kept-up', '--auto-update')
  const before = imported.trim().slice(-64, -52)
  expect(await said('refresh', 'kept-up')).toBe(`kept-up: ${before} is what there is\n`)
  copyFileSync(two!, at('source.tar'))
  expect(await said('refresh')).toMatch(new RegExp(`^kept-up: ${before} -> [0-9a-f]{12}\n$`))
  rmSync(at('source.tar'))
  const failed = await run(['image', 'refresh'], own)
  expect(failed).toMatchObject({ status: 3, stderr: expect.stringContaining('source.tar') })
})

test('repair makes a new catalog of a damaged one', async () => {
  const home = at('damaged')
  const own = { env: { INGOT_HOME: home } }
  await run(['image', 'import', (await writeImage(at('in'), 'lost')).slice(7), '--alias', 'lost'], own)
  writeFileSync(join(home, 'catalog.db'), 'no database')
  expect(await run(['image', 'list'], own)).toMatchObject({
    status: 6,
    stderr: expect.stringContaining('store repair'),
  })
  const repaired = await run(['store', 'repair'], own)
  expect(repaired.stdout.toString()).toContain('the damaged catalog is kept as')
  expect(repaired.stdout.toString()).toContain('no image needs the blob')
  expect(repaired.status).toBe(6)
  expect((await run(['store', 'repair'], own)).stdout.toString()).toContain('(repaired)')
  expect(await run(['store', 'check'], own)).toMatchObject({ status: 0 })
})

test('verify, check, delete', async () => {
  expect(await image('verify')).toBe('2 whole, 0 damaged\n')
  expect((await run(['store', 'check'], { env })).stdout.toString()).toBe('the store is in order\n')
  const blobs = join(env.INGOT_HOME, 'blobs/sha256')
  writeFileSync(join(blobs, 'f'.repeat(64)), 'left over')
  expect(await run(['store', 'check'], { env })).toMatchObject({ status: 6 })
  expect((await run(['store', 'repair'], { env })).stdout.toString()).toContain('(repaired)')
  expect(await run(['store', 'check'], { env })).toMatchObject({ status: 0 })
  expect(await image('delete', 'deb', 'piped', '--dry-run')).toContain('would free')
  expect(await image('delete', 'deb', 'piped')).toContain('freed')
  expect(readdirSync(blobs)).toEqual([])
})
