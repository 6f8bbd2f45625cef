import { expect, test } from 'vitest'
import { aclFromText, aclToText } from './acl.ts'
import { block, pax, readOne } from './test-archive.ts'

const binary = Buffer.from(
  '02000000' +
    '01000600ffffffff' +
    '0200060001000000' +
    '0200050000ca9a3b' +
    '04000400ffffffff' +
    '0800000003000000' +
    '10000600ffffffff' +
    '20000400ffffffff',
  'hex',
)
const text = 'user::rw-,user:1:rw-,user:1000000000:r-x,group::r--,group:3:---,mask::rw-,other::r--'

test('binary to text and back', () => {
  expect(aclToText(binary)).toBe(text)
  expect(aclFromText(text, 'access')).toEqual(binary)
})

test('the forms that tools write', () => {
  expect(aclFromText(`${text.replaceAll(',', '\n')}\n\n`, 'access')).toEqual(binary)
  expect(aclFromText(text.split(',').reverse().join(','), 'access')).toEqual(binary)
  expect(aclFromText(text.replace('user:1:rw-', 'user:daemon:rw-:1'), 'access')).toEqual(binary)
  expect(aclFromText(text.replace('mask::', 'mask:').replace('other::', 'other:'), 'access')).toEqual(binary)
  expect(aclFromText(text.replace(/(^|,)(.)[a-z]+:/g, '$1$2:'), 'access')).toEqual(binary)
  expect(aclFromText(text.replaceAll(',', '\t#effective:r--\n'), 'access')).toEqual(binary)
  expect(aclFromText(text.replace(/(^|,)/g, '$1default:'), 'default')).toEqual(binary)
})

test('the binary value under the text’s key, as lxc publish writes it', () => {
  expect(aclFromText(binary.toString('latin1'), 'access')).toEqual(binary)
  expect(aclFromText(binary.toString('latin1'), 'default')).toEqual(binary)
})

test('an access list like the permission bits is none; a default list is one', () => {
  expect(aclFromText('user::rw-,group::r--,other::r--', 'access')).toBeUndefined()
  expect(aclFromText('user::rw-,group::r--,other::r--', 'default')).toHaveLength(28)
})

test('refused', () => {
  for (const bad of [
    'user::rw-',
    'user::rw-,group::r--,other::r--,user:1:rw-', // a named user needs a mask
    `${text},user::rw-`,
    text.replace('rw-', 'wr-'),
    text.replace('user:1:', 'user:4294967295:'),
    text.replace('mask', 'musk'),
    '',
  ]) {
    expect(aclFromText(bad, 'access'), bad).toHaveProperty('fault')
  }
  expect(aclFromText(text.replace('user:1:', 'user:daemon:'), 'access')).toEqual({
    fault: 'the user "daemon" is given by name, not by number',
  })
})

test('values that are no lists have no text', () => {
  for (const hex of ['', '02000000', '0300000001000600ffffffff', `${binary.toString('hex')}00`]) {
    expect(aclToText(Buffer.from(hex, 'hex'))).toBeUndefined()
  }
  const unsorted = Buffer.concat([binary.subarray(0, 4), binary.subarray(12), binary.subarray(4, 12)])
  expect(aclToText(unsorted)).toBeUndefined()
})

test('an archive’s text lists become attributes, where it has no raw ones', async () => {
  const records = { 'SCHILY.acl.access': text, 'SCHILY.acl.default': text }
  expect((await readOne(pax(records), block({}))).xattrs).toEqual(
    new Map([
      ['system.posix_acl_access', binary],
      ['system.posix_acl_default', binary],
    ]),
  )
  const named = text.replace('user:1:', 'user:daemon:')
  const raw = { 'SCHILY.acl.access': named, 'SCHILY.xattr.system.posix_acl_access': binary.toString('latin1') }
  expect((await readOne(pax(raw), block({}))).xattrs).toEqual(new Map([['system.posix_acl_access', binary]]))
  await expect(readOne(pax({ 'SCHILY.acl.access': named }), block({}))).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('the user "daemon" is given by name'),
    hint: expect.stringContaining('--xattrs'),
  })
})
