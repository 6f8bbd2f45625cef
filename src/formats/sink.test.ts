import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../image/digest.ts'
import { fileSink } from './sink.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-sink-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function* bytes(text: string) {
  yield Buffer.from(text)
}

const open = (out: string, force = false) =>
  fileSink({ out: join(folder, out), defaultName: async () => 'debian-12', force })

test('a file appears only at the commit, with its size and digest', async () => {
  const sink = open('x.tar')
  const written = await (await sink.create({ extension: '.tar' })).write(bytes('abc'))
  expect(`sha256:${written.sha256}`).toBe(digestOf('abc'))
  expect(written).toMatchObject({ path: join(folder, 'x.tar'), size: 3 })
  expect(existsSync(join(folder, 'x.tar'))).toBe(false)
  await sink.commit()
  expect(readdirSync(folder)).toEqual(['x.tar'])
})

test('abort leaves nothing', async () => {
  const sink = open('x.tar')
  await (await sink.create({ extension: '.tar' })).write(bytes('abc'))
  await sink.abort()
  expect(readdirSync(folder)).toEqual([])
})

test('names: a folder, a prefix, a suggested name', async () => {
  mkdirSync(join(folder, 'there'))
  const inFolder = open('there')
  await (await inFolder.create({ extension: '.tar.zst' })).write(bytes('a'))
  await (await inFolder.create({ extension: '.tar.gz', role: 'lxd' })).write(bytes('b'))
  await (await inFolder.create({ extension: '.tar.zst', suggestedName: 'debian-12_amd64.tar.zst' })).write(bytes('c'))
  await inFolder.commit()
  expect(readdirSync(join(folder, 'there')).sort()).toEqual([
    'debian-12.lxd.tar.gz',
    'debian-12.tar.zst',
    'debian-12_amd64.tar.zst',
  ])

  const prefix = open('new/pre')
  await (await prefix.create({ extension: '.squashfs', role: 'rootfs' })).write(bytes('a'))
  await prefix.commit()
  expect(readdirSync(join(folder, 'new'))).toEqual(['pre.rootfs.squashfs'])
})

test('what is there is not replaced, unless forced', async () => {
  writeFileSync(join(folder, 'x.tar'), 'old')
  await expect(open('x.tar').create({ extension: '.tar' })).rejects.toMatchObject({ code: 'exists' })
  const sink = open('x.tar', true)
  await (await sink.create({ extension: '.tar' })).write(bytes('new'))
  await sink.commit()
  expect(readFileSync(join(folder, 'x.tar'), 'utf8')).toBe('new')
})

test('a file that appeared meanwhile is not replaced either, and nothing of a pair stays', async () => {
  const sink = open('p')
  await (await sink.create({ extension: '.tar', role: 'a' })).write(bytes('1'))
  await (await sink.create({ extension: '.tar', role: 'b' })).write(bytes('2'))
  writeFileSync(join(folder, 'p.b.tar'), 'other')
  await expect(sink.commit()).rejects.toMatchObject({ code: 'exists' })
  await sink.abort()
  expect(readdirSync(folder)).toEqual(['p.b.tar'])
  expect(readFileSync(join(folder, 'p.b.tar'), 'utf8')).toBe('other')
})

test('a program may fill the path itself', async () => {
  const sink = open('x.squashfs')
  const artifact = await sink.create({ extension: '.squashfs' })
  writeFileSync(await artifact.path(), 'abc')
  expect(await artifact.finish()).toMatchObject({ size: 3, sha256: digestOf('abc').slice(7) })
  await sink.commit()
  expect(readFileSync(join(folder, 'x.squashfs'), 'utf8')).toBe('abc')
})

test('standard output takes one file, streamed or made by a program', async () => {
  const stdout = new PassThrough()
  const sink = fileSink({ out: '-', defaultName: async () => 'x', stdout })
  await (await sink.create({ extension: '.tar' })).write(bytes('abc'))
  const seeking = await sink.create({ extension: '.tar' })
  writeFileSync(await seeking.path(), 'def')
  expect(await seeking.finish()).toMatchObject({ path: '-', size: 3 })
  await sink.commit()
  expect(stdout.read().toString()).toBe('abcdef')
  await expect(sink.create({ extension: '.tar', role: 'lxd' })).rejects.toMatchObject({ code: 'usage' })
  await expect(sink.directory({ mayExist: false })).rejects.toMatchObject({ code: 'usage' })
})

test('a new directory is renamed into place; an existing one only joined where the format allows it', async () => {
  const sink = open('layout')
  const { path } = await sink.directory({ mayExist: true })
  writeFileSync(join(path, 'index.json'), '{}')
  await sink.commit()
  expect(readdirSync(folder)).toEqual(['layout'])
  expect((await open('layout').directory({ mayExist: true })).path).toBe(join(folder, 'layout'))
  await expect(open('layout').directory({ mayExist: false })).rejects.toMatchObject({ code: 'exists' })
})
