import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordsOf } from '../../test/support/records.ts'
import { item, type TreeItem, treeLayer } from '../../test/support/trees.ts'
import type { EntryHeader } from '../image/entry.ts'
import { shiftIds } from './shift.ts'

const base = 100_000

async function shifted(fields: Partial<EntryHeader>, offset: number): Promise<EntryHeader> {
  const layer = treeLayer([item({ path: 'srv/file', type: 'file', ...fields }, 'x')], 'host.tar')
  for await (const entry of shiftIds(layer, offset).entries()) return entry
  throw new Error('no entry')
}

async function shiftedXattr(name: string, value: Buffer, offset: number): Promise<string> {
  const ids = offset < 0 ? { uid: -offset, gid: -offset } : {}
  return (await shifted({ ...ids, xattrs: new Map([[name, value]]) }, offset)).xattrs.get(name)!.toString('hex')
}

const refused = (...parts: string[]) => ({ code: 'bad-input', message: expect.stringMatching(parts.join('.*')) })

/** linux/posix_acl_xattr.h */
function acl(...entries: readonly (readonly [tag: number, perm: number, id: number])[]): Buffer {
  const value = Buffer.alloc(4 + 8 * entries.length)
  value.writeUInt32LE(2, 0)
  entries.forEach(([tag, perm, id], i) => {
    value.writeUInt16LE(tag, 4 + 8 * i)
    value.writeUInt16LE(perm, 6 + 8 * i)
    value.writeUInt32LE(id, 8 + 8 * i)
  })
  return value
}

const nobody = 0xffffffff
const aclOf = (user: number, group: number) =>
  acl([1, 6, nobody], [2, 7, user], [4, 5, nobody], [8, 5, group], [16, 7, nobody], [32, 4, nobody])

const capability2 = Buffer.from('0100000200200000000000000000000000000000', 'hex')
const capability3 = (root: number) => {
  const value = Buffer.from(`01000003${capability2.subarray(4).toString('hex')}00000000`, 'hex')
  value.writeUInt32LE(root, 20)
  return value
}

test('down and up again is the same tree', async () => {
  const id = fc.nat(65535)
  const fields = fc.record({ uid: id, gid: id, user: id, group: id, cap: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(fields, { maxLength: 6 }), async (files) => {
      const items: TreeItem[] = files.map(({ uid, gid, user, group, cap }, i) => {
        const xattrs = new Map([['system.posix_acl_access', aclOf(user, group)]])
        if (cap) xattrs.set('security.capability', capability2)
        return item({ path: `f${i}`, type: 'file', uid, gid, xattrs }, 'x')
      })
      const layer = treeLayer(items)
      expect(await recordsOf(shiftIds(shiftIds(layer, base), -base))).toEqual(await recordsOf(layer))
    }),
    { numRuns: 50 },
  )
})

test('owners, to the ends of the range', async () => {
  expect(await shifted({ uid: 100_000, gid: 165_535 }, -base)).toMatchObject({ uid: 0, gid: 65_535 })
  expect(await shifted({ uid: 0, gid: 65_535 }, base)).toMatchObject({ uid: 100_000, gid: 165_535 })
})

test('an id out of range is refused, with path, number and range', async () => {
  await expect(shifted({ uid: 99_999, gid: 100_000 }, -base)).rejects.toMatchObject(
    refused('host.tar', 'srv/file', 'uid 99999', '100000\\.\\.165535'),
  )
  await expect(shifted({ uid: 100_000, gid: 165_536 }, -base)).rejects.toMatchObject(refused('srv/file', 'gid 165536'))
  await expect(shifted({ uid: 65_536 }, base)).rejects.toMatchObject(refused('srv/file', 'uid 65536', '0\\.\\.65535'))
})

test('named users and groups of both ACLs, and nobody else’s', async () => {
  for (const name of ['system.posix_acl_access', 'system.posix_acl_default']) {
    expect(await shiftedXattr(name, aclOf(101_000, 100_007), -base)).toBe(aclOf(1000, 7).toString('hex'))
    expect(await shiftedXattr(name, aclOf(1000, 7), base)).toBe(aclOf(101_000, 100_007).toString('hex'))
  }
  await expect(shiftedXattr('system.posix_acl_access', aclOf(5, 100_007), -base)).rejects.toMatchObject(
    refused('srv/file', 'ACL', ' 5 is outside'),
  )
})

test('file capabilities: bound to a namespace’s root on the host, free in an image', async () => {
  const name = 'security.capability'
  expect(await shiftedXattr(name, capability3(100_000), -base)).toBe(capability2.toString('hex'))
  expect(await shiftedXattr(name, capability2, base)).toBe(capability3(100_000).toString('hex'))
  expect(await shiftedXattr(name, capability2, -base)).toBe(capability2.toString('hex'))
  expect(await shiftedXattr(name, capability3(0), base)).toBe(capability3(100_000).toString('hex'))
  await expect(shiftedXattr(name, capability3(200_000), -base)).rejects.toMatchObject(refused('srv/file', '200000'))
  await expect(shiftedXattr(name, capability3(7), base)).rejects.toMatchObject(refused('srv/file', 'root id 7'))
})

test('malformed ACLs and capabilities are refused', async () => {
  const acls = [Buffer.alloc(0), aclOf(1, 1).subarray(0, 11), Buffer.from('0300000001000600ffffffff', 'hex')]
  for (const value of acls) {
    await expect(shiftedXattr('system.posix_acl_access', value, -base)).rejects.toMatchObject(
      refused('srv/file', 'ACL is malformed'),
    )
  }
  const capabilities = [
    Buffer.alloc(0),
    Buffer.alloc(2),
    capability2.subarray(0, 19),
    capability3(0).subarray(0, 20),
    Buffer.alloc(20),
  ]
  for (const value of capabilities) {
    await expect(shiftedXattr('security.capability', value, -base)).rejects.toMatchObject(
      refused('srv/file', 'capability is malformed'),
    )
  }
})

test('other attributes stay as they are, byte for byte', async () => {
  expect(await shiftedXattr('user.note', Buffer.from([0, 255, 2]), -base)).toBe('00ff02')
})

test('a hard link follows its file where it tells an owner, and is no error where it tells none', async () => {
  const link = { type: 'hardlink', linkTarget: 'srv/other', size: 0 } as const
  expect(await shifted({ ...link, uid: 101_000, gid: 100_000 }, -base)).toMatchObject({ uid: 1000, gid: 0 })
  expect(await shifted({ ...link, uid: 0, gid: 0 }, -base)).toMatchObject({ uid: 0, gid: 0 })
})
