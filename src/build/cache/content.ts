import { lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ioError } from '../../image/error.ts'
import { sha256OfText, textDigest } from '../../image/text-digest.ts'

/**
 * The SHA-256 of a file, in hexadecimal digits. What was found is written down in `memory`, and holds for as long as the file's
 * number, size and times of change are the same: to read 10 GB takes longer than everything else. Throws 'not-found' and 'io'.
 */
export async function fileDigest(path: string, memory: string): Promise<string> {
  const stamp = stampOf(path)
  const note = join(memory, sha256OfText(path).slice(0, 32))
  const known = readNote(note)
  if (known?.startsWith(`${stamp} `)) return known.slice(stamp.length + 1)
  const { sumOf } = await import('../../host/durable.ts')
  const { openFile } = await import('../../host/file.ts')
  const { sha256 } = await sumOf((await openFile(path)).open())
  // Whoever writes to a file in the moment in which it is read may leave the same stamp: such a file is read again.
  if (stampOf(path) === stamp && Number(stamp.split('-')[2]) < Date.now() * 1e6 - 2e9) {
    const temporary = `${note}.${process.pid}.tmp`
    writeFileSync(temporary, `${stamp} ${sha256}`)
    renameSync(temporary, note)
  }
  return sha256
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [`${dev}:${ino}`, size, ctimeNs, mtimeNs].join('-')
  } catch (error) {
    throw ioError(`read ${path}`, error)
  }
}

function readNote(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // none, or none of use
  }
}

/**
 * What a copy step brings: names, kinds, who may execute, link targets and contents of a file or folder, and no times. Throws
 * 'not-found' and 'io'.
 */
export async function treeDigest(path: string, memory: string): Promise<string> {
  const digest = textDigest()
  for await (const line of describeTree(path, '', memory)) digest.update(`${JSON.stringify(line)}\n`)
  return digest.hex()
}

async function* describeTree(path: string, name: string, memory: string): AsyncGenerator<readonly unknown[]> {
  const found = lstatSync(path, { throwIfNoEntry: true })
  if (found.isDirectory()) {
    yield [name, 'directory']
    for (const child of readdirSync(path).sort()) yield* describeTree(join(path, child), join(name, child), memory)
  } else if (found.isSymbolicLink()) {
    yield [name, 'symlink', readlinkSync(path)]
  } else if (found.isFile()) {
    yield [name, 'file', (found.mode & 0o111) !== 0, await fileDigest(path, memory)]
  } else {
    yield [name, 'other']
  }
}
