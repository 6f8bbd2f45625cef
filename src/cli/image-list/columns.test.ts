import { expect, test } from 'vitest'
import { aliases, imageRecord, uploaded } from '../../../test/support/image-record.ts'
import { sizeText } from '../../image/size-text.ts'
import { findColumn, imageColumns, parseColumns } from './columns.ts'

const image = imageRecord('a', {
  variant: 'split-squashfs',
  type: 'virtual-machine',
  size: 162_623_488,
  autoUpdate: true,
  expiresAt: uploaded + 3600 * 9,
  createdAt: 0,
  source: { protocol: 'simplestreams', server: 'https://images.example', alias: 'jammy' },
  aliases: aliases('long', 'ubuntu/22.04', 'uu', 'vv'),
  properties: { description: 'Ubuntu' },
})

test('cells are those of lxc', () => {
  const cells = parseColumns('lLfpdatsu').map(({ cell }) => cell(image))
  expect(cells).toEqual([
    'uu (3 more)',
    ['long', 'ubuntu/22.04', 'uu', 'vv'],
    'ca978112ca1b',
    'no',
    'Ubuntu',
    'x86_64',
    'VIRTUAL-MACHINE',
    '155.09MB',
    'Nov 21, 2026 at 10:06am (UTC)',
  ])
  expect(findColumn('l').cell(imageRecord('b'))).toBe('')
  expect(findColumn('l').cell(imageRecord('b', { aliases: aliases('x') }))).toBe('x')
  expect(findColumn('F').cell(image)).toBe(image.fingerprint)
})

test('and then Ingot’s own', () => {
  expect(parseColumns('o,c,x,r,U,k,S').map(({ cell }) => cell(image))).toEqual([
    'lxd (split-squashfs)',
    '',
    'Nov 21, 2026 at 7:06pm (UTC)',
    '',
    'yes',
    'no',
    'simplestreams: https://images.example jammy',
  ])
  const file = imageRecord('b', { source: { protocol: 'file', server: '/tmp/x.tar', alias: '' } })
  expect(findColumn('S').cell(file)).toBe('file: /tmp/x.tar')
})

test('sizes are rounded as lxc rounds them', () => {
  expect([0, 5242, 131_072, 393_216, 655_360, 2 ** 40].map(sizeText)).toEqual([
    '0.00MB',
    '0.00MB',
    '0.12MB',
    '0.38MB',
    '0.62MB',
    '1048576.00MB',
  ])
})

test('no letter stands for two columns, nor takes the one that is Incus’ own', () => {
  const letters = imageColumns.map(({ letter }) => letter)
  expect(new Set(letters).size).toBe(letters.length)
  expect(letters).not.toContain('e')
})

test.each(['z', 'lfz', 'e', '', 'l,,f', 'l,', ',l'])('columns %j are refused, with all letters told', (letters) => {
  expect(() => parseColumns(letters)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringMatching(/l ALIAS, L ALIASES, .*S SOURCE/) }),
  )
})
