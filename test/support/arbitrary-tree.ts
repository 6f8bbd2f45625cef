import fc from 'fast-check'
import type { DataRun } from '../../src/image/entry.ts'
import { item, type TreeItem } from './trees.ts'

const name = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z][a-z0-9._-]{0,11}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'caf\xe9',
      '\xe9\x95\x9c\xe5\x83\x8f',
      'with space',
      'new\nline',
      'quo"te',
      'back\\slash',
      '-dash',
      '.hidden',
      'x'.repeat(120),
      'a=b',
    ),
  },
)

const id = fc.oneof(
  fc.constantFrom(0, 1000, 65534),
  fc.nat(65535),
  fc.constantFrom(2097151, 2097152, 1_000_000_000, 4294967294),
)
const mtime = fc.oneof(
  fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
  fc.bigInt({ min: 0n, max: 4_000_000_000n }).map((s) => s * 1_000_000_000n),
)
const mode = fc.oneof(fc.constantFrom(0o644, 0o755, 0o4755, 0o2755, 0o1777, 0o000), fc.nat(0o7777))

/** A v2 file capability (linux/capability.h vfs_cap_data). */
const capability = fc.nat(0xffffff).map((bits) => {
  const value = Buffer.alloc(20)
  value.writeUInt32LE(0x02000001, 0)
  value.writeUInt32LE(bits, 4)
  return value
})

/** A POSIX ACL xattr (linux/posix_acl_xattr.h): owner, one named user, group, mask, other. */
const acl = fc.tuple(fc.nat(65535), fc.nat(7)).map(([user, perm]) => {
  const entries: readonly (readonly [tag: number, perm: number, id: number])[] = [
    [0x01, 6, 0xffffffff],
    [0x02, perm, user],
    [0x04, 4, 0xffffffff],
    [0x10, 7, 0xffffffff],
    [0x20, 4, 0xffffffff],
  ]
  const value = Buffer.alloc(4 + 8 * entries.length)
  value.writeUInt32LE(2, 0)
  entries.forEach(([tag, p, who], i) => {
    value.writeUInt16LE(tag, 4 + 8 * i)
    value.writeUInt16LE(p, 6 + 8 * i)
    value.writeUInt32LE(who, 8 + 8 * i)
  })
  return value
})

/** The kernel keeps a file's mode and its ACL's owner, mask and other equal. */
function modeWithAcl(mode: number, attributes: ReadonlyMap<string, Buffer>): number {
  return attributes.has('system.posix_acl_access') ? (mode & 0o7000) | 0o674 : mode
}

const xattrs = fc
  .record({
    capability: fc.option(capability),
    acl: fc.option(acl, { freq: 3 }),
    note: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })),
  })
  .map(({ capability: cap, acl: access, note }) => {
    const map = new Map<string, Buffer>()
    if (cap) map.set('security.capability', cap)
    if (access) map.set('system.posix_acl_access', access)
    if (note) map.set('user.note', Buffer.from(note))
    return map
  })

const content = fc.oneof(
  fc.uint8Array({ maxLength: 700 }).map((b) => Buffer.from(b)),
  fc.constantFrom(512, 513, 4096, 70_000).map((n) => Buffer.alloc(n, 'ingot ')),
)

const sparse = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 })), { maxLength: 4 })
  .map((steps) => {
    const runs: DataRun[] = []
    let at = 0
    for (const [hole, data] of steps) {
      runs.push({ offset: at + hole * 4096, length: data * 4096 })
      at += (hole + data) * 4096
    }
    return { runs, size: at + 4096 }
  })

/**
 * Small trees with one of everything: directories first, then what lies in them. Options leave out what the ways under
 * test cannot carry.
 */
export function arbitraryTree(): fc.Arbitrary<TreeItem[]> {
  const attributes = fc.record({ uid: id, gid: id, mtime, mode })
  const leaf = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('file' as const), content, xattrs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sparse' as const), sparse }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('symlink' as const),
        target: fc.constantFrom('usr/bin', '/etc/passwd', '../../x', 'caf\xe9', 'l'.repeat(200)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('hardlink' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fifo' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('char' as const, 'block' as const),
        major: fc.nat(255),
        minor: fc.nat(255),
      }),
    },
  )
  return fc
    .record({
      root: attributes,
      folders: fc.uniqueArray(fc.tuple(name, attributes), { maxLength: 3, selector: ([n]) => n }),
      leaves: fc.array(fc.tuple(name, fc.nat(3), attributes, leaf), { maxLength: 10 }),
    })
    .map(({ root, folders, leaves }) => {
      const items: TreeItem[] = [item({ path: '', type: 'directory', ...root })]
      const taken = new Set<string>([''])
      const places = ['']
      for (const [n, attrs] of folders) {
        items.push(item({ path: n, type: 'directory', ...attrs }))
        taken.add(n)
        places.push(n)
      }
      for (const [n, place, attrs, what] of leaves) {
        const folder = places[place % places.length]!
        const path = folder === '' ? n : `${folder}/${n}`
        if (taken.has(path) || n.startsWith('.wh.')) continue
        taken.add(path)
        switch (what.kind) {
          case 'file':
            items.push(
              item(
                { path, type: 'file', xattrs: what.xattrs, ...attrs, mode: modeWithAcl(attrs.mode, what.xattrs) },
                what.content,
              ),
            )
            break
          case 'sparse': {
            const bytes = Buffer.alloc(
              what.sparse.runs.reduce((sum, run) => sum + run.length, 0),
              'data',
            )
            items.push(item({ path, type: 'file', size: what.sparse.size, sparse: what.sparse.runs, ...attrs }, bytes))
            break
          }
          case 'symlink':
            items.push(item({ path, type: 'symlink', linkTarget: what.target, ...attrs, mode: 0o777 }))
            break
          case 'hardlink': {
            const target = items.find((i) => i.header.type === 'file')
            if (target)
              items.push(
                item({
                  ...target.header,
                  path,
                  type: 'hardlink',
                  size: 0,
                  linkTarget: target.header.path,
                  xattrs: new Map(),
                }),
              )
            break
          }
          case 'fifo':
            items.push(item({ path, type: 'fifo', ...attrs }))
            break
          default:
            items.push(item({ path, type: what.kind, devMajor: what.major, devMinor: what.minor, ...attrs }))
        }
      }
      return items
    })
}
