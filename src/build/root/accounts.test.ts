import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../test-root.ts'
import { findAccount, findOwner } from './accounts.ts'

const root = testFolder()
mkdirSync(join(root, 'etc'))
writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nlab:x:1000:1001::/home/lab:/bin/sh\n')
writeFileSync(join(root, 'etc/group'), 'root:x:0:\nlab:x:1001:\nvideo:x:44:other,lab\nlabs:x:45:labs\n')

test('accounts come from the image, by name or number', () => {
  const lab = { uid: 1000, gid: 1001, groups: [44], name: 'lab', home: '/home/lab' }
  expect(findAccount(root, 'lab')).toEqual(lab)
  expect(findAccount(root, '1000')).toEqual(lab)
  expect(findAccount(root, '77')).toEqual({ uid: 77, gid: 77, groups: [], name: undefined, home: '/' })
})

test.each([
  ['root:root', 0, 0],
  ['lab', 1000, 1001],
  ['lab:video', 1000, 44],
  ['0:44', 0, 44],
  ['1000', 1000, 1001],
  ['5:6', 5, 6],
])('owner %s is %i:%i', (owner, uid, gid) => {
  expect(findOwner(root, owner)).toEqual({ uid, gid })
})

test('names that are not there are errors', () => {
  expect(() => findOwner(root, 'nobody')).toThrow('there is no user "nobody" in the image')
  expect(() => findOwner(root, 'lab:nogroup')).toThrow('there is no group "nogroup" in the image')
  expect(findOwner(join(root, 'empty'), 'root:root')).toEqual({ uid: 0, gid: 0 })
})
