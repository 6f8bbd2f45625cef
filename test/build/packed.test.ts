import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

describe.skipIf(sandboxMissing)('layers that the store has packed already', () => {
  const folder = ownFolder('packed')
  mkdirSync(join(folder, 'tiny'))
  makeTinyRoot(join(folder, 'tiny'))

  async function build(home: string, content: string): Promise<string> {
    const steps = `steps:\n  - write: { path: /first, content: first }\n  - write: { path: /second, content: "${content}" }\n`
    writeFileSync(join(folder, 'ingot.yaml'), `name: packed\nfrom: dir:tiny\n${steps}`)
    const { status, stderr } = await ingot(['build', folder, '--home', join(folder, home)])
    expect(status, stderr).toBe(0)
    return /store: packed (\w+)/.exec(stderr)![1]!
  }
  const blobs = (home: string) => readdirSync(join(folder, home, 'blobs/sha256'))

  test('are taken as they are, and the image is what it would be without', async () => {
    await build('one', 'a')
    const before = blobs('one')
    const changed = await build('one', 'b')
    expect(await build('two', 'b')).toBe(changed)
    // A manifest, a configuration, and the layer of the changed step; and of the provenance a manifest and the content.
    expect(blobs('one').filter((name) => !before.includes(name))).toHaveLength(5)
  })

  test('are packed anew when they are damaged', async () => {
    await build('damaged', 'a')
    const sizes = blobs('damaged').map((name) => ({
      name,
      size: statSync(join(folder, 'damaged/blobs/sha256', name)).size,
    }))
    const largest = sizes.sort((a, b) => b.size - a.size)[0]!
    writeFileSync(join(folder, 'damaged/blobs/sha256', largest.name), Buffer.alloc(largest.size))
    const changed = await build('damaged', 'b')
    expect(await build('whole', 'b')).toBe(changed)
    const { status, stdout } = await ingot(['image', 'verify', 'packed', '--home', join(folder, 'damaged')])
    expect([status, stdout.toString()]).toEqual([0, '1 whole, 0 damaged\n'])
  })

  test('nothing to do: says so, and does nothing', async () => {
    const fingerprint = await build('again', 'a')
    const { stderr } = await ingot(['build', folder, '--home', join(folder, 'again')])
    expect(stderr).toBe(`→ nothing has changed since it was built\n→ store: packed ${fingerprint}\n`)
    const out = join(folder, 'out')
    const args = [
      'build',
      folder,
      '--home',
      join(folder, 'again'),
      '--to',
      'rootfs',
      'docker',
      '-o',
      out,
      '--format',
      'json',
    ]
    const first = await ingot(args)
    expect(first.status, first.stderr).toBe(0)
    const second = await ingot(args)
    expect(second.stdout.toString()).toBe(first.stdout.toString())
    expect(second.stderr).toContain('nothing has changed')
    // What was written is not what is there any more.
    writeFileSync(join(out, 'packed.rootfs.tar.zst'), 'other')
    const third = await ingot(args)
    expect(third.stderr).toContain('packed.rootfs.tar.zst exists already')
    expect((await ingot([...args, '--force'])).stdout.toString()).toBe(first.stdout.toString())
    await ingot(['image', 'delete', 'packed', '--home', join(folder, 'again')])
    expect(await build('again', 'a')).toBe(fingerprint)
  })
})
