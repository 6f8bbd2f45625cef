import { expect, test } from 'vitest'
import { emptyMetadata, type ImageMetadata } from '../../image/metadata.ts'
import { parseLxdMetadata } from './parse-metadata.ts'
import { creationDate, renderLxdMetadata } from './render-metadata.ts'

const metadata: ImageMetadata = {
  ...emptyMetadata('aarch64'),
  created: 1_700_000_000,
  expires: 1_800_000_000,
  properties: { release: 'bookworm', os: 'debian', serial: '20240101', odd: 'yes: "no"\n# 5', architecture: 'arm64' },
  templates: [
    {
      target: '/etc/motd',
      when: ['start'],
      createOnly: false,
      template: 'b.tpl',
      properties: { default: '{}' },
      uid: '0',
      gid: '5',
      mode: '0600',
    },
    { target: '/etc/hostname', when: ['create', 'copy'], template: 'a.tpl' },
  ],
}

test('what is written is this, to the byte', () => {
  expect(renderLxdMetadata(metadata, 1_700_000_000).toString()).toBe(`architecture: "aarch64"
creation_date: 1700000000
expiry_date: 1800000000
properties:
  architecture: "arm64"
  description: "debian bookworm arm64"
  odd: "yes: \\"no\\"\\n# 5"
  os: "debian"
  release: "bookworm"
  serial: "20240101"
  variant: "default"
templates:
  /etc/hostname:
    when:
      - "create"
      - "copy"
    template: "a.tpl"
  /etc/motd:
    when:
      - "start"
    create_only: false
    template: "b.tpl"
    properties:
      default: "{}"
    uid: "0"
    gid: "5"
    mode: "0600"
`)
})

test('it reads back the same', () => {
  const back = parseLxdMetadata(renderLxdMetadata(metadata, 1_700_000_000), 'back')
  expect(back.properties).toEqual({ ...metadata.properties, description: 'debian bookworm arm64', variant: 'default' })
  expect(new Set(back.templates)).toEqual(new Set(metadata.templates))
  expect(back).toMatchObject({ architecture: 'aarch64', created: 1_700_000_000, expires: 1_800_000_000 })
  expect(renderLxdMetadata(back, 1_700_000_000)).toEqual(renderLxdMetadata(metadata, 1_700_000_000))
})

test('the creation date is the image’s own, else the newest of its history, else not known', () => {
  const history = [
    { created: '2023-01-01T00:00:00Z' },
    { created: '2024-01-01T00:00:00.5Z' },
    { created: 'nonsense' },
    {},
  ]
  expect(creationDate({ ...metadata, history })).toBe(1_700_000_000)
  const { created: _, ...undated } = { ...metadata, history }
  expect(creationDate(undated)).toBe(1_704_067_200)
  expect(creationDate({ ...undated, history: [] })).toBeUndefined()
  expect(creationDate({ ...undated, created: 0, history: [] })).toBeUndefined()
})
