import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { removeTreeSync } from '../host/remove-tree.ts'

const programs = [
  'sh',
  'cat',
  'env',
  'hostname',
  'id',
  'ls',
  'mkdir',
  'pwd',
  'setpriv',
  'sleep',
  'stat',
  'touch',
  'unlink',
]

/** Why tests that run programs in a root are skipped here, or undefined: for `describe.skipIf`. */
export const sandboxMissing: string | undefined =
  process.getuid?.() !== 0
    ? 'needs root'
    : which('bwrap') === undefined
      ? 'needs bwrap (package bubblewrap)'
      : undefined

/** A new folder that goes when the tests of this file are done. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-test-'))
  chmodSync(folder, 0o755)
  afterAll(() => removeTreeSync(folder))
  return folder
}

/** Fills a folder with a very small Linux: a shell, a few programs of this host, and two users. */
export function makeTinyRoot(root: string): string {
  for (const folder of ['usr/bin', 'usr/sbin', 'etc', 'root', 'tmp', 'var', 'dev', 'proc', 'run', 'sys']) {
    mkdirSync(join(root, folder), { recursive: true })
    chmodSync(join(root, folder), 0o755)
  }
  chmodSync(root, 0o755)
  for (const name of programs) addProgram(root, name)
  mkdirSync(join(root, 'bin'))
  copyFileSync(join(root, 'usr/bin/sh'), join(root, 'bin/sh'))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nlab:x:1000:1001::/home/lab:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nlab:x:1001:\nvideo:x:44:lab\naudio:x:29:lab,root\n')
  return root
}

function addProgram(root: string, name: string): void {
  const found = which(name)
  if (found === undefined) throw new Error(`the tests need the program ${name}`)
  copyFileSync(found, join(root, 'usr/bin', name))
  const libraries = execFileSync('ldd', [found], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const library of libraries) {
    const target = join(root, library)
    if (existsSync(target)) continue
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(library, target)
  }
}

function which(name: string): string | undefined {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = join(folder, name)
    if (existsSync(path)) return realpathSync(path)
  }
  return undefined
}
