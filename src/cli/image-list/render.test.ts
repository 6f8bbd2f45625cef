import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { aliases, imageRecord, uploaded } from '../../../test/support/image-record.ts'
import { renderImages } from './render.ts'

const images = [
  imageRecord('a', { aliases: aliases('w10', 'x'), size: 162_623_488, properties: { description: 'Ubuntu, "jammy"' } }),
  imageRecord('b', { aliases: aliases('镜像'), public: true, properties: { description: '中文描述 😀 ✅' } }),
  imageRecord('c', { aliases: aliases('w9'), type: 'virtual-machine', properties: { description: ' leads' } }),
]

test('the table is that of lxc, wide characters lined up', async () => {
  expect(await renderImages(images, { columns: 'lfpdt' })).toBe(`\
+------------+--------------+--------+-----------------+-----------------+
|   ALIAS    | FINGERPRINT  | PUBLIC |   DESCRIPTION   |      TYPE       |
+------------+--------------+--------+-----------------+-----------------+
| w9         | 2e7d2c03a950 | no     |  leads          | VIRTUAL-MACHINE |
+------------+--------------+--------+-----------------+-----------------+
| x (1 more) | ca978112ca1b | no     | Ubuntu, "jammy" | CONTAINER       |
+------------+--------------+--------+-----------------+-----------------+
| 镜像       | 3e23e8160039 | yes    | 中文描述 😀 ✅  | CONTAINER       |
+------------+--------------+--------+-----------------+-----------------+
`)
})

test('a cell may have several lines', async () => {
  expect(await renderImages(images, { columns: 'Ls' })).toBe(`\
+---------+----------+
| ALIASES |   SIZE   |
+---------+----------+
| w9      | 0.00MB   |
+---------+----------+
| w10     | 155.09MB |
| x       |          |
+---------+----------+
| 镜像    | 0.00MB   |
+---------+----------+
`)
  const none = await renderImages([imageRecord('a')], { columns: 'Lp', format: 'compact' })
  expect(none).toBe('  ALIASES  PUBLIC  \n           no      \n')
})

test('compact is the same without lines', async () => {
  expect(await renderImages(images, { columns: 'lfd', format: 'compact' })).toBe(
    [
      '    ALIAS     FINGERPRINT     DESCRIPTION    ',
      '  w9          2e7d2c03a950   leads           ',
      '  x (1 more)  ca978112ca1b  Ubuntu, "jammy"  ',
      '  镜像        3e23e8160039  中文描述 😀 ✅   ',
      '',
    ].join('\n'),
  )
})

test('csv has no header, and quotes what needs it', async () => {
  const lines = imageRecord('d', { properties: { description: 'two\nlines' }, aliases: aliases('z') })
  expect(await renderImages([...images, lines], { format: 'csv', columns: 'lLdu' })).toBe(`\
w9,w9," leads","Nov 21, 2026 at 10:06am (UTC)"
x (1 more),"w10
x","Ubuntu, ""jammy""","Nov 21, 2026 at 10:06am (UTC)"
z,z,"two
lines","Nov 21, 2026 at 10:06am (UTC)"
镜像,镜像,中文描述 😀 ✅,"Nov 21, 2026 at 10:06am (UTC)"
`)
})

test('json has the keys of lxc in their order, and then Ingot’s', async () => {
  const image = imageRecord('a', {
    variant: 'unified',
    properties: { os: 'x', description: 'y' },
    aliases: [{ name: 'n', description: 'd' }],
    expiresAt: uploaded,
    fileName: 'x.tar.xz',
    source: { protocol: 'lxd', server: 'https://h:8443', alias: 'q' },
  })
  const text = await renderImages([image], { format: 'json' })
  expect(text).toMatch(/^\[.*\]\n$/s)
  expect(JSON.stringify(JSON.parse(text))).toBe(
    `[{"auto_update":false,"properties":{"description":"y","os":"x"},"public":false,"expires_at":"2026-11-21T10:06:12Z",\
"profiles":["default"],"aliases":[{"name":"n","description":"d"}],"architecture":"x86_64","cached":false,"filename":"x.tar.xz",\
"fingerprint":"${image.fingerprint}","size":0,"update_source":{"alias":"q","certificate":"","protocol":"lxd","server":"https://h:8443",\
"image_type":"container"},"type":"container","created_at":"0001-01-01T00:00:00Z","last_used_at":"0001-01-01T00:00:00Z",\
"uploaded_at":"2026-11-21T10:06:12Z","format":"lxd","variant":"unified"}]`,
  )
  const [plain] = JSON.parse(await renderImages([imageRecord('b')], { format: 'json' }))
  expect(plain).toMatchObject({ expires_at: '1970-01-01T00:00:00Z' })
  expect(Object.keys(plain)).not.toContain('update_source')
  expect(Object.keys(plain)).not.toContain('variant')
})

test('yaml has the same objects', async () => {
  const odd = imageRecord('d', { properties: { version: '12.04', on: 'yes', serial: '20260101', text: 'a: #\n\x1b' } })
  const all = [...images, odd]
  const text = await renderImages(all, { format: 'yaml' })
  expect(parse(text)).toEqual(JSON.parse(await renderImages(all, { format: 'json' })))
  expect(parse(text, { version: '1.1' })).toEqual(parse(text))
  expect(text).not.toMatch(/[&*]a\d/)
})

test('no images: the box of the titles, nothing, an empty list', async () => {
  const box = '+-------+------+\n| ALIAS | SIZE |\n+-------+------+\n'
  expect(await renderImages([], { columns: 'ls' })).toBe(box)
  expect(await renderImages([], { columns: 'ls', format: 'compact' })).toBe('  ALIAS  SIZE  \n')
  expect(await renderImages([], { format: 'csv' })).toBe('')
  expect(await renderImages([], { format: 'json' })).toBe('[]\n')
  expect(await renderImages([], { format: 'yaml' })).toBe('[]\n')
})

test('nothing that steers a terminal gets to it, and csv keeps it', async () => {
  const nasty = 'a\x1b[2J\x07\r\n\x9b1m\u202egnp\u2028'
  const image = imageRecord('a', { aliases: aliases(nasty), properties: { description: nasty } })
  const shown = 'a\\x1b[2J\\x07\\x0d\\x0a\\x9b1m\\u202egnp\\u2028'
  const table = await renderImages([image], { columns: 'lLd' })
  expect(table.split('\n')[3]).toBe(`| ${shown} | ${shown} | ${shown} |`)
  expect(await renderImages([image], { columns: 'd', format: 'compact' })).toContain(`  ${shown}  \n`)
  expect(await renderImages([image], { columns: 'd', format: 'csv' })).toBe(`"${nasty}"\n`)
})

test('rows can be sorted by a column that is not shown', async () => {
  const options = { format: 'csv', columns: 'f', sortBy: 's', reverse: true } as const
  expect(await renderImages(images, options)).toBe('ca978112ca1b\n2e7d2c03a950\n3e23e8160039\n')
  const json = JSON.parse(await renderImages(images, { ...options, format: 'json' }))
  expect(json[0].size).toBe(162_623_488)
})

test('an unknown column is refused in every format', async () => {
  await expect(renderImages(images, { columns: 'q', format: 'json' })).rejects.toMatchObject({ code: 'usage' })
})

test('more rows than a call can have arguments', async () => {
  const many = Array.from({ length: 150_000 }, (_, i) => imageRecord('', { fingerprint: `${i}`.padStart(64, '0') }))
  const text = await renderImages(many, { columns: 'F' })
  expect(text.split('\n')).toHaveLength(2 * 150_001 + 2)
})
