import { expect, test } from 'vitest'
import { aliases, imageRecord } from '../../../test/support/image-record.ts'
import { type FilterOptions, filterImages } from './filter.ts'

const images = [
  imageRecord('a', {
    aliases: aliases('jammy', 'ubuntu/22.04'),
    properties: { os: 'Ubuntu', release: 'jammy', 'requirements.secureboot': 'false', architecture: 'amd64' },
    public: true,
    variant: 'unified',
    createdAt: 1700000000,
  }),
  imageRecord('b', {
    aliases: aliases('数据'),
    properties: { os: 'Debian', type: 'squashfs' },
    architecture: 'aarch64',
  }),
  imageRecord('c', { type: 'virtual-machine', format: 'oci', size: 5242, cached: true, properties: { os: 'Devuan' } }),
]
const [a, b, c] = images.map(({ fingerprint }) => fingerprint) as [string, string, string]

function found(terms: readonly string[], options?: FilterOptions): string {
  const names = new Map([
    [a, 'a'],
    [b, 'b'],
    [c, 'c'],
  ])
  return filterImages(images, terms, options)
    .map(({ fingerprint }) => names.get(fingerprint))
    .join('')
}

test('no term finds all, in the order given', () => {
  expect(found([])).toBe('abc')
  expect(found([''])).toBe('abc')
})

test('a word is part of an alias or of the fingerprint', () => {
  expect(found(['22.04'])).toBe('a')
  expect(found(['据'])).toBe('b')
  expect(found([c.slice(0, 12)])).toBe('c')
  expect(found([c.slice(20, 32)])).toBe('c')
  expect(found(['Ubuntu'])).toBe('')
})

test('a key is the beginnings of the parts of a property name, as in lxc', () => {
  expect(found(['o=Debian'])).toBe('b')
  expect(found(['requirements.sec=false'])).toBe('a')
  expect(found(['r.s=false'])).toBe('a')
  expect(found(['r=false'])).toBe('')
  expect(found(['requirements.secureboot.x=false'])).toBe('')
  expect(found(['s=Debian'])).toBe('')
})

test('a value is a regular expression of the whole, unless it says where it is bound', () => {
  expect(found(['os=De.*'])).toBe('bc')
  expect(found(['os=ebia'])).toBe('')
  expect(found(['os=^D'])).toBe('bc')
  expect(found(['os=an$'])).toBe('bc')
  expect(found(['os=Ubuntu|Debian'])).toBe('ab')
  expect(found(['os=Ubu|Deb'])).toBe('')
  expect(found(['os=(?i)debian'])).toBe('b')
  expect(found(['os=debian'])).toBe('')
  expect(found(['os=\\p{Lu}ebian'])).toBe('b')
  expect(found(['os='])).toBe('')
})

test.each(['os=(', 'os=x)(y', 'os=*', 'os=[z-a]', 'architecture=x86('])('%s is no regular expression', (term) => {
  expect(() => filterImages(images, [term])).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(JSON.stringify(term)) }),
  )
})

test('fields are compared as they are printed', () => {
  expect(found(['type=container'])).toBe('ab')
  expect(found(['type=VIRTUAL-MACHINE'])).toBe('c')
  expect(found(['public=true'])).toBe('a')
  expect(found(['public=yes'])).toBe('a')
  expect(found(['cached=no'])).toBe('ab')
  expect(found(['auto_update=false'])).toBe('abc')
  expect(found(['public=maybe'])).toBe('')
  expect(found(['size=5242'])).toBe('c')
  expect(found(['format=lxd'])).toBe('ab')
  expect(found(['variant=unified'])).toBe('a')
  expect(found([`fingerprint=${b.slice(0, 12)}`])).toBe('b')
  expect(found(['fingerprint='])).toBe('')
  expect(found(['created_at=2023-11-14T22:13:20Z'])).toBe('a')
  expect(found(['constructor=x'])).toBe('')
})

test('an architecture goes by any of its names; a property of that name counts too', () => {
  expect(found(['architecture=arm64'])).toBe('b')
  expect(found(['architecture=x86_64'])).toBe('ac')
  expect(found(['architecture=amd64'])).toBe('ac')
  expect(found(['architecture=pdp11'])).toBe('')
  expect(found(['type=squashfs'])).toBe('b')
})

test('all terms and options must match', () => {
  expect(found(['os=D.*', 'cached=true'])).toBe('c')
  expect(found(['os=D.*'], { architecture: 'aarch64' })).toBe('b')
  expect(found([], { type: 'virtual-machine' })).toBe('c')
  expect(found([], { public: true })).toBe('a')
  expect(found([], { public: false, type: 'container' })).toBe('b')
  expect(found(['jammy'], { public: false })).toBe('')
})
