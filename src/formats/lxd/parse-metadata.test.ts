import { expect, test } from 'vitest'
import { IngotError } from '../../image/error.ts'
import type { ImageMetadata } from '../../image/metadata.ts'
import { parseLxdMetadata } from './parse-metadata.ts'

const parse = (text: string | Buffer): ImageMetadata => parseLxdMetadata(Buffer.from(text), 'x.tar: metadata.yaml')
const minimal = 'architecture: x86_64\ncreation_date: 1700000000\n'

function failure(text: string | Buffer): IngotError {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof IngotError) return error
    throw error
  }
  throw new Error(`${String(text).slice(0, 60)} was accepted`)
}

// What LXD 5.0.2 takes and refuses.
test.each([
  ['the least', minimal, { architecture: 'x86_64', created: 1_700_000_000, properties: {}, templates: [] }],
  ['an alias of the architecture', 'architecture: amd64\ncreation_date: 1', { architecture: 'x86_64', created: 1 }],
  ['another alias', 'architecture: armhf\ncreation_date: 1', { architecture: 'armv7l' }],
  ['a float', 'architecture: s390x\ncreation_date: 1700000000.9', { created: 1_700_000_000 }],
  ['an exponent', 'architecture: s390x\ncreation_date: 1.7e9', { created: 1_700_000_000 }],
  [
    'JSON',
    '{"architecture":"aarch64","creation_date":5,"properties":{"os":"x"}}',
    { architecture: 'aarch64', properties: { os: 'x' } },
  ],
  ['unknown keys', `${minimal}future: {a: [1, {b: c}]}\n`, { created: 1_700_000_000 }],
  ['an expiry date', `${minimal}expiry_date: 1800000000\n`, { expires: 1_800_000_000 }],
  ['empty sections', `${minimal}properties:\ntemplates:\n`, { properties: {}, templates: [] }],
  ['a byte order mark', `\ufeff${minimal}`, { created: 1_700_000_000 }],
  ['comments and a document marker', `---\n# made by hand\n${minimal}...\n`, { created: 1_700_000_000 }],
])('%s is taken', (_, text, expected) => {
  expect(parse(text)).toMatchObject(expected)
})

test('expiry 0 means none', () => {
  expect(parse(`${minimal}expiry_date: 0\n`)).not.toHaveProperty('expires')
})

test('properties are their text, whatever YAML takes them for', () => {
  const text = `${minimal}properties:
  number: 5
  float: 1.10
  octal: 0755
  truth: true
  word: yes
  date: 2024-01-01
  quoted: "5"
  none: ~
  empty:
  nothing: null
  said: "null"
  folded: >-
    two
    lines
  5: five
  anchor: &a shared
  alias: *a
`
  expect(parse(text).properties).toEqual({
    number: '5',
    float: '1.10',
    octal: '0755',
    truth: 'true',
    word: 'yes',
    date: '2024-01-01',
    quoted: '5',
    none: '',
    empty: '',
    nothing: '',
    said: 'null',
    folded: 'two lines',
    5: 'five',
    anchor: 'shared',
    alias: 'shared',
  })
})

test('templates come with all their keys', () => {
  const text = `${minimal}templates:
  /etc/hostname:
    when: [create, copy]
    template: hostname.tpl
  /etc/motd:
    when:
      - start
    create_only: true
    template: motd.tpl
    properties: { default: "#cloud-config\\n{}", n: 1 }
    uid: 1000
    gid: "1000"
    mode: 0600
`
  expect(parse(text).templates).toEqual([
    { target: '/etc/hostname', when: ['create', 'copy'], template: 'hostname.tpl' },
    {
      target: '/etc/motd',
      when: ['start'],
      createOnly: true,
      template: 'motd.tpl',
      properties: { default: '#cloud-config\n{}', n: '1' },
      uid: '1000',
      gid: '1000',
      mode: '0600',
    },
  ])
})

test.each([
  ['no architecture', 'creation_date: 5\n', /architecture is missing/],
  ['an unknown architecture', 'architecture: z80\ncreation_date: 5\n', /:1:15: architecture "z80" is not known/],
  ['no creation date', 'architecture: x86_64\n', /creation_date is missing or 0/],
  ['creation date 0', 'architecture: x86_64\ncreation_date: 0\n', /:2:16: creation_date is missing or 0/],
  [
    'a quoted creation date',
    'architecture: x86_64\ncreation_date: "1700000000"\n',
    /creation_date is text, not a number/,
  ],
  ['a creation date in words', 'architecture: x86_64\ncreation_date: today\n', /creation_date is not a number/],
  ['an expiry date in words', `${minimal}expiry_date: never\n`, /:3:14: expiry_date is not a number/],
  ['a list', '- architecture: x86_64\n', /the document is not a map/],
  ['a text', 'architecture\n', /the document is not a map/],
  ['nothing', '', /architecture is missing/],
  ['properties as a list', `${minimal}properties: [a]\n`, /properties is not a map/],
  ['a property that is a map', `${minimal}properties: {os: {name: x}}\n`, /properties: os is not text/],
  ['when as a text', `${minimal}templates: {/a: {when: create, template: a.tpl}}\n`, /when is not a list/],
  [
    'a template with a path',
    `${minimal}templates: {/a: {when: [create], template: ../a}}\n`,
    /is not the name of a file/,
  ],
  ['a template named ..', `${minimal}templates: {/a: {when: [create], template: ..}}\n`, /is not the name of a file/],
  ['no template', `${minimal}templates: {/a: {when: [create]}}\n`, /template "" is not the name/],
  ['an odd create_only', `${minimal}templates: {/a: {create_only: maybe, template: a}}\n`, /neither true nor false/],
  ['broken YAML', `${minimal}properties: {a: "b\n`, /metadata.yaml:\d+:\d+: cannot be read as YAML/],
  ['the same key twice', `${minimal}architecture: i686\n`, /:3:1: the document has the key architecture twice/],
  ['a tab for indentation', `${minimal}properties:\n\tos: x\n`, /metadata.yaml:4:\d+: cannot/],
  ['an alias to nothing', `${minimal}properties: *gone\n`, /Unresolved alias|no anchor/],
])('%s is refused, naming the place', (_, text, message) => {
  const error = failure(text)
  expect(error.code).toBe('bad-input')
  expect(error.message).toMatch(message)
  expect(error.message).toMatch(/^x\.tar: metadata\.yaml/)
})

test('bytes that are no UTF-8 are refused', () => {
  expect(failure(Buffer.concat([Buffer.from(minimal), Buffer.from('x: \xff', 'latin1')])).code).toBe('bad-input')
})

test.each([
  ['deep lists', '['.repeat(100_000)],
  ['many anchors', '&a '.repeat(100_000)],
  ['many lines', 'a\n'.repeat(100_000)],
])('a hostile document is refused in time: %s', (_, text) => {
  const started = performance.now()
  expect(failure(`${minimal}properties: ${text}\n`).code).toBe('bad-input')
  expect(performance.now() - started).toBeLessThan(5000)
})

test('aliases that multiply cost nothing, and many of them little', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 30; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  const many = Array.from({ length: 10_000 }, (_, i) => `  k${i}: *x`)
  const started = performance.now()
  const { properties } = parse(`${bomb.join('\n')}\nx: &x y\n${minimal}properties:\n${many.join('\n')}\n`)
  expect(Object.keys(properties)).toHaveLength(10_000)
  expect(performance.now() - started).toBeLessThan(5000)
})
