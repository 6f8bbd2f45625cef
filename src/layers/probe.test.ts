import { expect, test } from 'vitest'
import { elfHeader, item, type TreeItem, tortureTree, treeLayer } from '../../test/support/trees.ts'
import type { Layer } from '../image/layer.ts'
import { probeTree, type TreeFacts } from './probe.ts'

const release = (id: string) => `ID=${id}\n`
const file = (path: string, content: string | Buffer = '') => item({ path, type: 'file', mode: 0o755 }, content)
const link = (path: string, linkTarget: string) => item({ path, type: 'symlink', linkTarget })
const hard = (path: string, linkTarget: string) => item({ path, type: 'hardlink', linkTarget })
const folders = (...paths: string[]) => paths.map((path) => item({ path, type: 'directory' }))

async function probe(...items: TreeItem[]): Promise<TreeFacts> {
  return await probeTree(treeLayer(items))
}

test('a tree with merged /usr, in any order', async () => {
  for (const items of [tortureTree, tortureTree.filter((i) => i.header.type !== 'hardlink').reverse()]) {
    const facts = await probeTree(treeLayer(items.filter((i) => i.header.path !== '')))
    expect(facts.architecture).toBe('x86_64')
    expect(facts.osRelease.get('VERSION_CODENAME')).toBe('bookworm')
    expect(facts.hasInit).toBe(true)
  }
})

test('entries that themselves lie beyond a symlink', async () => {
  const facts = await probe(
    ...folders('usr', 'usr/bin'),
    link('bin', 'usr/bin'),
    file('bin/dash', elfHeader),
    link('bin/sh', 'dash'),
  )
  expect(facts.architecture).toBe('x86_64')
})

test('absolute symlinks start at the root of the image', async () => {
  const facts = await probe(
    link('etc/os-release', '/usr/lib/os-release'),
    file('usr/lib/os-release', release('fedora')),
    link('bin/sh', '/bin/busybox'),
    file('bin/busybox', elfHeader),
  )
  expect(facts).toMatchObject({ architecture: 'x86_64', hasInit: false })
  expect(facts.osRelease.get('ID')).toBe('fedora')
})

test('os-release by way of variants, of hard links, or only in /usr/lib', async () => {
  const id = async (...items: TreeItem[]) => (await probe(...items)).osRelease.get('ID')
  expect(
    await id(
      link('etc/os-release', '../usr/lib/os-release'),
      link('usr/lib/os-release', 'os.release.d/os-release-cloud'),
      file('usr/lib/os.release.d/os-release-cloud', release('cloud')),
    ),
  ).toBe('cloud')
  expect(await id(file('usr/lib/os-release', release('hard')), hard('etc/os-release', 'usr/lib/os-release'))).toBe(
    'hard',
  )
  expect(await id(file('usr/lib/os-release', release('usr')))).toBe('usr')
  expect(await id(file('etc/os-release', release('etc')), file('usr/lib/os-release', release('usr')))).toBe('etc')
  expect(await id(file('opt/os-release', release('other')))).toBeUndefined()
  expect(await id(file('etc/os-release', `${release('big')}${'#'.repeat(70_000)}`))).toBeUndefined()
})

test('a shell that is a hard link', async () => {
  expect((await probe(file('bin/bash', elfHeader), hard('bin/sh', 'bin/bash'))).architecture).toBe('x86_64')
  expect(
    (await probe(file('usr/bin/bash', elfHeader), link('bin', 'usr/bin'), hard('bin/sh', 'bin/bash'))).architecture,
  ).toBe('x86_64')
})

test('the shell tells the architecture; without one, any program does', async () => {
  const arm = Buffer.from(elfHeader)
  arm.writeUInt16LE(0xb7, 18)
  const both = [file('usr/bin/qemu-x86_64-static', elfHeader), file('bin/sh', arm)]
  expect((await probe(...both)).architecture).toBe('aarch64')
  expect((await probe(file('usr/local/bin/server', arm))).architecture).toBe('aarch64')
  expect(
    (await probe(file('bin/script', '#!/bin/sh\n'.padEnd(100)), file('srv/server', arm))).architecture,
  ).toBeUndefined()
  expect((await probe()).osRelease.size).toBe(0)
})

test('loops of symlinks on what is looked for are no error', async () => {
  const facts = await probe(
    ...folders('bin', 'etc', 'sbin'),
    link('etc/os-release', 'os-release'),
    link('bin/sh', 'ash'),
    link('bin/ash', 'sh'),
    file('bin/tool', elfHeader),
    file('usr/lib/os-release', release('usr')),
  )
  expect(facts.architecture).toBe('x86_64')
  expect(facts.osRelease.get('ID')).toBe('usr')
  expect((await probe(link('sbin', 'sbin'), file('bin/sh', elfHeader))).hasInit).toBe(false)
})

test('reads no further than it must', async () => {
  const wanted = [
    file('etc/os-release', release('x')),
    file('bin/sh', Buffer.concat([elfHeader, Buffer.alloc(5 << 20)])),
    file('sbin/init'),
  ]
  const rest = Array.from({ length: 1000 }, (_, i) => file(`srv/${i}`, 'content'))
  const counted = countingLayer([...wanted, ...rest])
  const facts = await probeTree(counted.layer)
  expect(facts).toMatchObject({ architecture: 'x86_64', hasInit: true })
  expect(counted.seen()).toEqual({ entries: 3, chunks: 2, closed: true })
})

/** Gives contents in chunks of 64 KiB, and counts what is taken. */
function countingLayer(items: readonly TreeItem[]): { layer: Layer; seen(): object } {
  const seen = { entries: 0, chunks: 0, closed: false }
  const layer: Layer = {
    name: 'counted',
    whiteouts: false,
    async *entries() {
      try {
        for (const { header, content } of items) {
          seen.entries++
          yield {
            ...header,
            body: {
              async *[Symbol.asyncIterator]() {
                for (let at = 0; at < content.length; at += 65536) {
                  seen.chunks++
                  yield content.subarray(at, at + 65536)
                }
              },
            },
          }
        }
      } finally {
        seen.closed = true
      }
    },
  }
  return { layer, seen: () => seen }
}
