import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { matching } from '../../src/cli/image-list/filter.ts'
import { imageObject } from '../../src/cli/image-list/image-object.ts'
import { renderInfo } from '../../src/cli/image-list/info.ts'
import { quickList } from '../../src/cli/image-list/quick-list.ts'
import { renderImages } from '../../src/cli/image-list/render.ts'
import { always } from '../../src/store/catalog/condition.ts'
import type { ImageRecord } from '../../src/store/catalog/image-record.ts'
import { listImages } from '../../src/store/catalog/list.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { addRecords } from '../support/catalog.ts'
import { aliases, imageRecord, uploaded } from '../support/image-record.ts'
import { exec } from './support/exec.ts'
import { peers } from './support/peer.ts'
import { type PeerFolder, peerFolder } from './support/peer-folder.ts'

// The real lxc lists and filters the objects that `--format json` prints, and must print what Ingot prints of the images.

const guard = peers('lxc')
let images: readonly ImageRecord[]
let store: Store
let home: PeerFolder
let server: Server

beforeAll(async () => {
  if (guard.missing) return
  home = peerFolder('lxc')
  for (const name of ['var', 'conf', 'home']) mkdirSync(join(home.path, name))
  store = await openStore(join(home.path, 'store'))
  await addRecords(store, [...oddImages(), ...Array.from({ length: 200 }, (_, i) => variedImage(i))])
  images = listImages(store.database)
  server = createServer((request, response) => {
    const metadata = answer(new URL(request.url ?? '/', 'http://lxd').pathname)
    const body = metadata
      ? { type: 'sync', status: 'Success', status_code: 200, metadata }
      : { type: 'error', error: 'not found', error_code: 404 }
    response.writeHead(metadata ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(join(home.path, 'var/unix.socket'), resolve))
})
afterAll(async () => {
  server?.close()
  store?.close()
  await home?.remove()
})
beforeEach((context) => guard.check(context))

/** As little of the API of LXD as lxc asks for to list images, which it then filters by itself. */
function answer(path: string): unknown {
  const environment = { server: 'lxd', server_version: '5.0.2', project: 'default' }
  const extensions = ['image_types', 'images_expiry', 'image_profiles']
  if (path === '/1.0') return { api_extensions: extensions, api_version: '1.0', auth: 'trusted', environment }
  if (path === '/1.0/images') return images.map(imageObject)
  const image = images.find(({ fingerprint }) => path === `/1.0/images/${fingerprint}`)
  return image && imageObject(image)
}

async function lxc(...args: readonly string[]): Promise<string> {
  const at = (name: string) => join(home.path, name)
  const env = { ...home.env, LXD_DIR: at('var'), LXD_CONF: at('conf'), HOME: at('home') }
  return (await exec('lxc', ['image', ...args], { env })).stdout
}

describe.each(['table', 'compact', 'csv'] as const)('as %s', (format) => {
  test.each(['lfpdatsu', 'lLfFpdasut', 'd,f', 'sf', 'uf', 'Lf', 'f'])('columns %s', async (columns) => {
    const expected = await lxc('list', '-f', format, '-c', columns)
    expect(await renderImages(images, { columns, format })).toBe(expected)
    expect(textOf(quickList(store.database, always, { columns, format }))).toBe(expected)
  })
})

test.each([
  ['lab'],
  ['镜'],
  ['ca97'],
  ['os=ubuntu'],
  ['o=.buntu'],
  ['os=^U'],
  ['r.sec=false', 'os=debian'],
  ['type=container', 'architecture=aarch64'],
  ['public=true', 'cached=false'],
  ['size=131072'],
  ['description=.*[(].*'],
])('filters %j %j', async (...terms) => {
  const found = textOf(quickList(store.database, matching(terms), { format: 'csv' }))
  expect(found).not.toBe('')
  expect(found).toBe(await lxc('list', '-f', 'csv', ...terms))
})

test('info, but for the order of properties and Ingot’s own line', async () => {
  const lines = (text: string) => text.split('\n').sort()
  for (const image of images.slice(0, 12)) {
    const own = lines(renderInfo(image, 0)).filter((line) => !line.startsWith('Format: '))
    expect(own).toEqual(lines(await lxc('info', image.fingerprint)))
  }
})

function textOf(list: string | Uint8Array | undefined): string | undefined {
  return list && Buffer.from(list).toString()
}

function oddImages(): ImageRecord[] {
  const described = [
    'say "hi", all',
    ' leads',
    'trails ',
    '中文 描述（一）',
    '✅ ok ⌚ 😀',
    'ünïcödé',
    '한국어',
    '(x)',
    '',
  ]
  const names = [
    '0',
    '00',
    '01b',
    '1b',
    '1 b',
    '-1',
    '1-',
    'B',
    'b',
    'w9',
    'w10',
    '镜像',
    '😀',
    'ｗ9',
    'ｗ10',
    'é',
    'x/y',
    'x.y',
  ]
  return [
    imageRecord('a', { source: { protocol: 'simplestreams', server: 'https://h', alias: 'q' }, lastUsedAt: uploaded }),
    ...described.map((description, i) => imageRecord(`d${i}`, { properties: { description } })),
    ...names.map((name) => imageRecord(`n${name}`, { aliases: [{ name, description: 'as "this"' }] })),
  ]
}

/** Of every field some. */
function variedImage(i: number): ImageRecord {
  return imageRecord(`v${i}`, {
    type: i % 3 ? 'container' : 'virtual-machine',
    architecture: i % 2 ? 'x86_64' : 'aarch64',
    size: i % 4 ? i * 131_072 : i * 7_654_321,
    public: i % 5 < 2,
    cached: i % 7 === 0,
    createdAt: i % 6 ? uploaded - i * 1_000_003 : undefined,
    uploadedAt: uploaded - i * 987_654,
    properties: { os: ['ubuntu', 'Ubuntu', 'debian'][i % 3]!, 'requirements.secureboot': i % 2 ? 'false' : 'true' },
    aliases:
      i % 4 ? aliases(...['lab-', 'lab/', `数${i}`].slice(0, i % 4).map((start) => `${start}${(i * 37) % 200}`)) : [],
  })
}
