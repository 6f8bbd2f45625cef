import { expect, test } from 'vitest'
import { makeHeader } from '../image/entry.ts'
import { flatten } from './flatten.ts'
import { flattenInOneReading } from './flatten-in-one-reading.ts'
import { changes, contentOf, file, folder, hardlink, layerOf, pathsOf, readTree, symlink } from './test-tree.ts'

const acl = Buffer.from([2, 0, 0, 0])

test('a directory over a symlink replaces it, and with keepDirlinks is written through it', async () => {
  const layers = [
    changes(folder('usr'), folder('usr/bin'), symlink('bin', 'usr/bin'), symlink('dead', 'nowhere')),
    changes(folder('bin'), file('bin/x', ''), folder('dead'), file('dead/x', '')),
  ]
  expect(await readTree(flatten(layers))).toMatchObject({ bin: { type: 'directory' }, 'bin/x': {}, 'dead/x': {} })
  const kept = await readTree(flatten(layers, 'image', { keepDirlinks: true }))
  expect(kept).toMatchObject({ bin: { type: 'symlink' }, 'usr/bin/x': {}, dead: { type: 'directory' }, 'dead/x': {} })
})

test('an entry beyond a symlink lands where the symlink leads inside the root', async () => {
  const lower = changes(
    folder('usr'),
    folder('usr/bin'),
    symlink('bin', 'usr/bin'),
    symlink('abs', '/usr/bin'),
    symlink('up', '../../../usr'),
  )
  const tree = await readTree(
    flatten([lower, changes(file('bin/a', ''), file('abs/b', ''), file('up/bin/c', ''), file('bin/.wh.a', ''))]),
  )
  expect(Object.keys(tree)).toEqual(['', 'abs', 'bin', 'up', 'usr', 'usr/bin', 'usr/bin/a', 'usr/bin/b', 'usr/bin/c'])
  expect(tree.bin!.type).toBe('symlink')
})

test('a directory becomes a symlink, with all that was in it gone; a symlink is replaced, not followed, as the last name', async () => {
  const lower = changes(folder('d'), file('d/x', ''), symlink('l', 'd'))
  const tree = await readTree(flatten([lower, changes(symlink('d', 'other'), file('l', 'text'))]))
  expect(Object.keys(tree)).toEqual(['', 'd', 'l'])
  expect(tree).toMatchObject({ d: { type: 'symlink' }, l: { type: 'file' } })
})

test('a loop of symlinks on the way is refused, naming the entry', async () => {
  const layer = changes(symlink('a', 'b'), symlink('b', 'a'), file('a/x', ''))
  await expect(readTree(flatten([layer]))).rejects.toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('a/x') }),
  )
})

test('the root entry keeps its mode and owner, and never becomes something else', async () => {
  const flat = flatten([
    changes(folder('', { mode: 0o700, uid: 1 })),
    changes(folder('', { mode: 0o711, uid: 2, mtime: 5n })),
    changes(file('a', '')),
  ])
  expect((await readTree(flat))['']).toMatchObject({ type: 'directory', mode: 0o711, owner: '2:0', mtime: 5n })
  expect((await readTree(flatten([changes()])))['']).toMatchObject({
    type: 'directory',
    mode: 0o755,
    owner: '0:0',
    mtime: 0n,
  })
})

test('missing parents are made, root’s and 0755', async () => {
  const tree = await readTree(flatten([changes(file('a/b/c', 'x', { uid: 5 }))]))
  for (const path of ['a', 'a/b'])
    expect(tree[path]).toMatchObject({ type: 'directory', mode: 0o755, owner: '0:0', mtime: 0n })
})

test('a file in the way of a directory gives way', async () => {
  const flat = flatten([changes(file('a', 'x'), hardlink('b', 'a')), changes(file('a/c', 'y'))])
  expect(await readTree(flat)).toMatchObject({ a: { type: 'directory' }, 'a/c': {}, b: { type: 'file', names: '' } })
})

test('a directory over a directory keeps what is in it and takes all attributes of the new one', async () => {
  const lower = changes(folder('d', { uid: 1, xattrs: new Map([['user.old', acl]]) }), file('d/x', ''))
  const tree = await readTree(flatten([lower, changes(folder('d', { uid: 2, mode: 0o1777, mtime: 7n }))]))
  expect(tree.d).toMatchObject({ owner: '2:0', mode: 0o1777, mtime: 7n, xattrs: {} })
  expect(tree['d/x']).toBeDefined()
})

test('modes, times and attributes survive: setuid, mode 0, times before 1970 and after 2038 with fractions, capabilities', async () => {
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  const flat = flatten([
    changes(
      folder('closed', { mode: 0, mtime: -1n }),
      file('closed/ping', 'x', {
        mode: 0o4755,
        mtime: 4102444800123456789n,
        xattrs: new Map([['security.capability', capability]]),
      }),
    ),
    changes(file('other', '')),
  ])
  expect(await readTree(flat)).toMatchObject({
    closed: { mode: 0, mtime: -1n },
    'closed/ping': {
      mode: 0o4755,
      mtime: 4102444800123456789n,
      xattrs: { 'security.capability': capability.toString('hex') },
    },
  })
})

test('sparse files keep their holes', async () => {
  const data = Buffer.alloc(10, 1)
  const sparse = {
    header: makeHeader({ path: 's', type: 'file', size: 1000, sparse: [{ offset: 500, length: 10 }] }),
    data,
  }
  for await (const entry of flatten([changes(sparse), changes(file('x', ''))]).entries()) {
    if (entry.path === 's') expect(entry).toMatchObject({ size: 1000, sparse: [{ offset: 500, length: 10 }] })
  }
})

test('more than 127 layers', async () => {
  const layers = Array.from({ length: 200 }, (_, i) =>
    changes(file(`f${i}`, `${i}`), file('same', `${i}`), ...(i > 0 ? [file(`.wh.f${i - 1}`, '')] : [])),
  )
  const flat = flatten(layers)
  expect(await pathsOf(flat)).toEqual(['', 'f199', 'same'])
  expect(await contentOf(flat, 'same')).toBe('199')
})

test('a path of many thousands of bytes', async () => {
  const path = Array.from({ length: 3000 }, (_, i) => `d${i}`).join('/')
  const parts = path.split('/')
  const folders = parts.slice(1).map((_, i) => folder(parts.slice(0, i + 1).join('/')))
  const deep = changes(...folders, file(path, ''))
  expect(await pathsOf(flatten([deep, changes(file('.wh.d0', ''), file('x', ''))]))).toEqual(['', 'x'])
  expect((await pathsOf(flatten([deep]))).at(-1)).toBe(path)
})

test('a path longer than Linux takes does not make its missing directories', async () => {
  const path = (length: number) => `${'d/'.repeat(length / 2 - 1)}xx`
  expect(await pathsOf(flatten([changes(file(path(4096), ''))]))).toHaveLength(2049)
  for (const layer of [changes(file(path(65536), '')), layerOf([file(path(65536), '')])]) {
    await expect(readTree(flatten([layer]))).rejects.toMatchObject({ code: 'limit' })
  }
  await expect(readTree(flattenInOneReading([layerOf([file(path(65536), '')])]))).rejects.toMatchObject({
    code: 'limit',
  })
})

test('names that are no text, or look like properties of objects', async () => {
  const names = ['\xff\xfe', 'caf\xe9', '__proto__', 'constructor', 'a\nb', ' ']
  const flat = flatten([changes(...names.map((name) => file(`${name}/${name}`, 'x')))])
  expect((await pathsOf(flat)).length).toBe(1 + 2 * names.length)
})

test('a flattened image has the upper layers first, each in its own order', async () => {
  const layers = [
    changes(file('b/2', ''), file('a', ''), hardlink('z', 'a')),
    changes(file('b/1', ''), file('c/x', '')),
  ]
  const flat = flatten(layers)
  expect(await pathsOf(flat)).toEqual(await pathsOf(flat))
  expect(await pathsOf(flat)).toEqual(['', 'b', 'b/1', 'c', 'c/x', 'b/2', 'a', 'z=a'])
})

test('a canonical tree is given back as it is', () => {
  const layer = layerOf([folder('')], { canonical: true })
  expect(flatten([layer])).toBe(layer)
})

test('a layer that has changed between the two readings is an error', async () => {
  let reading = 0
  const layer = {
    ...changes(),
    async *entries() {
      for (const path of reading++ === 0 ? ['a', 'b'] : ['a'])
        yield { ...makeHeader({ path, type: 'fifo' }), body: (async function* () {})() }
    },
  }
  await expect(readTree(flatten([layer]))).rejects.toThrow(expect.objectContaining({ code: 'corrupt' }))
})

test('an error of a layer comes through, whichever layer it is and whichever reading', async () => {
  for (const failing of [0, 1, 2]) {
    for (const inReading of [1, 2]) {
      const layers = [0, 1, 2].map((index) => {
        let reading = 0
        return {
          ...changes(),
          async *entries() {
            reading++
            yield { ...makeHeader({ path: `f${index}`, type: 'fifo' }), body: (async function* () {})() }
            if (index === failing && reading === inReading) throw new Error(`layer ${index} broke`)
          },
        }
      })
      await expect(readTree(flatten(layers))).rejects.toThrow(`layer ${failing} broke`)
    }
  }
})

test('leaving early closes the layers', async () => {
  let open = 0
  const layers = [0, 1, 2].map((index) => ({
    ...changes(),
    async *entries() {
      open++
      try {
        for (let i = 0; i < 100; i++)
          yield { ...makeHeader({ path: `f${index}-${i}`, type: 'fifo' }), body: (async function* () {})() }
      } finally {
        open--
      }
    },
  }))
  for await (const entry of flatten(layers).entries()) if (entry.path === 'f1-3') break
  expect(open).toBe(0)
})
