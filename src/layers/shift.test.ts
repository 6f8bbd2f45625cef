import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shiftIds } from './shift.ts'
import { file, folder, hardlink, layerOf, readTree, type TestItem } from './test-tree.ts'

/** linux/posix_acl_xattr.h: version 2, then tag, permissions, id. */
function acl(...entries: readonly (readonly [tag: number, id: number])[]): Buffer {
  const value = Buffer.alloc(4 + 8 * entries.length)
  value.writeUInt32LE(2, 0)
  entries.forEach(([tag, id], i) => {
    value.writeUInt16LE(tag, 4 + 8 * i)
    value.writeUInt16LE(6, 6 + 8 * i)
    value.writeUInt32LE(id, 8 + 8 * i)
  })
  return value
}
const noId = 0xffffffff
const capability2 = Buffer.from('01000002' + '00200000'.repeat(1) + '00000000'.repeat(3), 'hex')
const capability3 = (root: number) => {
  const value = Buffer.concat([capability2, Buffer.alloc(4)])
  value.writeUInt32LE(0x03000001, 0)
  value.writeUInt32LE(root, 20)
  return value
}

const shifted = async (offset: number, ...items: TestItem[]) => await readTree(shiftIds(layerOf([folder('', { uid: offset < 0 ? -offset : 0, gid: offset < 0 ? -offset : 0 }), ...items]), offset))
const badInput = (text: string) => expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(text) })

test('owners go down and up by the offset', async () => {
  expect(await shifted(-100000, file('a', 'x', { uid: 100000, gid: 101000 }), file('b', '', { uid: 165535, gid: 165535 }))).toMatchObject({
    '': { owner: '0:0' },
    a: { owner: '0:1000' },
    b: { owner: '65535:65535' },
  })
  expect(await shifted(100000, file('a', 'x', { uid: 0, gid: 65535 }))).toMatchObject({ a: { owner: '100000:165535' } })
})

test('an id outside of the range is an error that names path, id and range, never a wrong owner', async () => {
  for (const uid of [0, 99999, 165536, 4294967294]) {
    await expect(shifted(-100000, file('srv/data', '', { uid, gid: 100000 }))).rejects.toThrow(badInput('srv/data'))
    await expect(shifted(-100000, file('srv/data', '', { uid: 100000, gid: uid }))).rejects.toThrow(badInput(`${uid}`))
  }
  await expect(shifted(100000, file('srv/data', '', { uid: 65536 }))).rejects.toThrow(badInput('65536'))
})

test('named users and groups inside ACLs are shifted, the rest of an ACL is not', async () => {
  const access = acl([0x01, noId], [0x02, 101000], [0x04, noId], [0x08, 100027], [0x10, noId], [0x20, noId])
  const xattrs = new Map([['system.posix_acl_access', access], ['system.posix_acl_default', acl([0x02, 165535])], ['user.x', Buffer.from([1])]])
  const tree = await shifted(-100000, folder('d', { uid: 100000, gid: 100000, xattrs }))
  expect(tree['d']!.xattrs).toEqual({
    'system.posix_acl_access': acl([0x01, noId], [0x02, 1000], [0x04, noId], [0x08, 27], [0x10, noId], [0x20, noId]).toString('hex'),
    'system.posix_acl_default': acl([0x02, 65535]).toString('hex'),
    'user.x': '01',
  })
  expect(access.readUInt32LE(16)).toBe(101000)
})

test('an id in an ACL that cannot be shifted, and a malformed ACL, are errors that name the path', async () => {
  for (const value of [acl([0x02, 5]), Buffer.alloc(0), Buffer.alloc(3), acl([0x02, 100000]).subarray(0, 11), Buffer.from([3, 0, 0, 0])]) {
    const item = file('p', '', { uid: 100000, gid: 100000, xattrs: new Map([['system.posix_acl_access', value]]) })
    await expect(shifted(-100000, item)).rejects.toThrow(badInput('p'))
  }
})

test('file capabilities lose their root id on the way down and get it on the way up', async () => {
  const ping = (value: Buffer, uid: number) => file('ping', 'x', { uid, gid: uid, xattrs: new Map([['security.capability', value]]) })
  expect((await shifted(-100000, ping(capability3(100000), 100000)))['ping']!.xattrs).toEqual({ 'security.capability': capability2.toString('hex') })
  expect((await shifted(100000, ping(capability2, 0)))['ping']!.xattrs).toEqual({ 'security.capability': capability3(100000).toString('hex') })
  expect((await shifted(-100000, ping(capability2, 100000)))['ping']!.xattrs).toEqual({ 'security.capability': capability2.toString('hex') })
})

test('a capability of another root id, or a malformed one, is an error that names the path', async () => {
  for (const value of [capability3(0), capability3(200000), capability2.subarray(0, 19), Buffer.alloc(0), Buffer.alloc(24)]) {
    const item = file('bin/ping', '', { uid: 100000, gid: 100000, xattrs: new Map([['security.capability', value]]) })
    await expect(shifted(-100000, item)).rejects.toThrow(badInput('bin/ping'))
  }
  const bound = file('bin/ping', '', { xattrs: new Map([['security.capability', capability3(5)]]) })
  await expect(shifted(100000, bound)).rejects.toThrow(badInput('bin/ping'))
})

test('a hard link’s own owner is shifted where it can be and is no error where it says nothing', async () => {
  const layer = layerOf([file('a', '', { uid: 100001, gid: 100002 }), hardlink('b', 'a', { uid: 100001, gid: 100002 }), hardlink('c', 'a')])
  const owners: string[] = []
  for await (const { uid, gid } of shiftIds(layer, -100000).entries()) owners.push(`${uid}:${gid}`)
  expect(owners).toEqual(['1:2', '1:2', '0:0'])
})

test('up and down again is what it was', async () => {
  const xattrs = fc.constantFrom(new Map<string, Buffer>(), new Map([['security.capability', capability2], ['system.posix_acl_access', acl([0x02, 7], [0x08, 65535])]]))
  const item = fc.record({ uid: fc.nat(65535), gid: fc.nat(65535), xattrs }).map((fields) => file('a', 'x', fields))
  await fc.assert(
    fc.asyncProperty(item, fc.integer({ min: 65536, max: 4_000_000_000 }), async (each, offset) => {
      const layer = layerOf([folder(''), each])
      expect(await readTree(shiftIds(shiftIds(layer, offset), -offset))).toEqual(await readTree(layer))
    }),
  )
})
