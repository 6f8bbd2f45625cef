import { bodyOf, type Entry, type EntryHeader, makeHeader } from '../../src/image/entry.ts'
import type { Layer } from '../../src/image/layer.ts'
import { emptyMetadata, type ImageMetadata } from '../../src/image/metadata.ts'
import type { SystemImage } from '../../src/image/system-image.ts'
import { entriesLayer } from '../../src/layers/entries-layer.ts'

/** A tree in memory: headers in archive order, with the contents of files. */
export interface TreeItem {
  readonly header: EntryHeader
  readonly content: Buffer
}

export function item(fields: Parameters<typeof makeHeader>[0], content: string | Buffer = ''): TreeItem {
  const bytes = Buffer.from(content)
  const size = fields.type === 'file' && fields.size === undefined ? bytes.length : (fields.size ?? 0)
  return { header: makeHeader({ ...fields, size }), content: bytes }
}

export function treeLayer(items: readonly TreeItem[], name = 'tree'): Layer {
  return entriesLayer(name, async function* (): AsyncGenerator<Entry> {
    for (const { header, content } of items) yield { ...header, body: bodyOf(content) }
  })
}

export function treeImage(
  items: readonly TreeItem[],
  metadata: Partial<ImageMetadata> = {},
  names: readonly string[] = [],
): SystemImage {
  const full: ImageMetadata = { ...emptyMetadata('x86_64'), created: 1_700_000_000, ...metadata }
  return { source: 'tree', names, layers: [treeLayer(items)], metadata: async () => full }
}

const osRelease =
  'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'

/** The ELF header of an x86_64 program: enough for the architecture to be found. */
export const elfHeader = Buffer.concat([
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0, 1, 0, 0, 0]),
  Buffer.alloc(40),
])

/** A small tree that has one of everything a root file system can have. */
export const tortureTree: readonly TreeItem[] = [
  item({ path: '', type: 'directory' }),
  item({ path: 'bin', type: 'symlink', linkTarget: 'usr/bin' }),
  item({ path: 'dev', type: 'directory' }),
  item({ path: 'dev/null', type: 'char', mode: 0o666, devMajor: 1, devMinor: 3 }),
  item({ path: 'etc', type: 'directory', mtime: 1_600_000_000_123_456_789n }),
  item({ path: 'etc/caf\xe9', type: 'file' }, 'not UTF-8'),
  item({ path: 'etc/os-release', type: 'file', mtime: 1_600_000_000_987_654_321n }, osRelease),
  item({ path: 'etc/shadow', type: 'file', mode: 0o640, gid: 42 }, 'root:*:19000:0:99999:7:::\n'),
  item({ path: 'home', type: 'directory' }),
  item({ path: 'home/u', type: 'directory', uid: 1000, gid: 1000, mode: 0o700 }),
  item({ path: 'home/u/old', type: 'file', uid: 1000, gid: 1000, mtime: -86_400_000_000_000n }, 'before the epoch'),
  item({ path: 'run', type: 'directory' }),
  item({ path: 'run/fifo', type: 'fifo', mode: 0o600 }),
  item({ path: 'sbin', type: 'symlink', linkTarget: 'usr/sbin' }),
  item({ path: 'tmp', type: 'directory', mode: 0o1777 }),
  item({ path: 'usr', type: 'directory' }),
  item({ path: 'usr/bin', type: 'directory' }),
  item(
    {
      path: 'usr/bin/ping',
      type: 'file',
      mode: 0o755,
      xattrs: new Map([['security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex')]]),
    },
    'ping',
  ),
  item({ path: 'usr/bin/sh', type: 'file', mode: 0o755 }, elfHeader),
  item({ path: 'usr/bin/sh-link', type: 'hardlink', mode: 0o755, linkTarget: 'usr/bin/sh' }),
  item({ path: 'usr/bin/su', type: 'file', mode: 0o4755 }, 'su'),
  item({ path: 'usr/sbin', type: 'directory' }),
  item({ path: 'usr/sbin/init', type: 'symlink', linkTarget: '/lib/systemd/systemd' }),
  item({ path: 'var', type: 'directory' }),
  item({ path: 'var/empty', type: 'file' }),
  item(
    { path: `var/${'long'.repeat(40)}`, type: 'file', xattrs: new Map([['user.note', Buffer.from([0, 1, 2, 255])]]) },
    'a long name',
  ),
  item(
    {
      path: 'var/sparse',
      type: 'file',
      size: 1 << 20,
      sparse: [
        { offset: 4096, length: 4 },
        { offset: 524288, length: 5 },
      ],
    },
    'datarun 2',
  ),
]
