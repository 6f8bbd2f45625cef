import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect } from '../image/stream.ts'
import { resolveReference, splitName } from './reference.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingot-reference-'))
  mkdirSync(join(folder, 'layout'))
  for (const name of ['a.tar', 'b.squashfs', 'with:colon.tar', 'with,comma.tar'])
    writeFileSync(join(folder, name), name)
})
afterAll(() => rmSync(folder, { recursive: true }))

const at = (text: string) => text.replace('@', `${folder}/`)

test.each([
  ['@a.tar', undefined, ['a.tar'], undefined],
  ['rootfs:@a.tar', 'rootfs', ['a.tar'], undefined],
  ['oci-archive:@a.tar:debian:12', 'oci-archive', ['a.tar'], 'debian:12'],
  ['docker-archive:@with:colon.tar', 'docker', ['with:colon.tar'], undefined],
  ['docker-archive:@with:colon.tar:v1', 'docker', ['with:colon.tar'], 'v1'],
  ['lxd:@with,comma.tar', 'lxd', ['with,comma.tar'], undefined],
  ['proxmox:@a.tar', 'proxmox', ['a.tar'], undefined],
])('%s', async (text, format, files, name) => {
  const reference = await resolveReference(at(text))
  expect(reference.format).toBe(format)
  expect(reference.name).toBe(name)
  expect(reference.input.parts.map((part) => part.path)).toEqual(files.map((file) => join(folder, file)))
})

test('LXD takes two files joined by a comma', async () => {
  const reference = await resolveReference(`lxd:${folder}/a.tar,${folder}/b.squashfs`)
  expect(reference.input.parts.map((part) => part.kind)).toEqual(['file', 'file'])
})

test('a layout directory with and without a name', async () => {
  expect(await resolveReference(at('oci:@layout:latest'))).toMatchObject({ format: 'oci', name: 'latest' })
  expect(await resolveReference(at('oci:@layout'))).toMatchObject({
    name: undefined,
    input: { parts: [{ kind: 'directory' }] },
  })
})

test('standard input is read once and can then be opened many times', async () => {
  async function* stdin() {
    yield Buffer.from('ab')
    yield Buffer.from('cd')
  }
  const { input } = await resolveReference('-', stdin())
  const part = input.parts[0]!
  if (part.kind !== 'file') throw new Error('expected a file')
  expect(part.file).toMatchObject({ name: 'standard input', size: 4 })
  expect((await collect(part.file.open(1, 3))).toString()).toBe('bc')
  expect((await collect(part.file.open())).toString()).toBe('abcd')
})

test.each([
  ['oci:@a.tar', /is a file, but oci: takes a directory/],
  ['rootfs:@layout', /is a directory, but rootfs: takes a file/],
  ['lxd:', /a path must follow/],
  ['lxd:@a.tar,@b,@c', /one file, or two/],
  ['@missing.tar', /cannot open .*missing\.tar: no such file/],
  ['', /must not be empty/],
])('%s is refused', async (text, message) => {
  await expect(resolveReference(at(text))).rejects.toThrow(message)
})

test('a path that does not exist ends at its first colon', () => {
  expect(splitName('new:debian:12', () => false)).toEqual({ path: 'new', name: 'debian:12' })
})
