import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { link, mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { sumOf, syncFolder, writeDurably } from '../host/durable.ts'
import { openFile } from '../host/file.ts'
import { forgetTemporary, registerTemporary, temporaryFolder } from '../host/temporary.ts'
import { IngotError, ioError } from '../image/error.ts'
import type { ByteStream } from '../image/stream.ts'
import type { Artifact, ArtifactFile, ArtifactSink, ArtifactSpec } from './types.ts'

export interface FileSinkOptions {
  /** `-`, a file, a prefix (formats with several files), or a folder (existing, or ending in `/`). */
  readonly out: string
  /** Gives the file name without extension, asked for only when `out` is a folder and the format suggests no name. */
  readonly defaultName: () => Promise<string>
  /** Replace what is there. */
  readonly force?: boolean
  readonly stdout?: Writable
}

/** A sink that writes to files. Everything goes to temporary siblings; `commit` puts all in place, `abort` leaves nothing. */
export interface FileSink extends ArtifactSink {
  commit(): Promise<void>
  abort(): Promise<void>
}

interface Pending {
  readonly temporary: string
  readonly final: string
}

const imageExtension = /(\.tar(\.(gz|zst|xz|bz2))?|\.squashfs|\.tgz)$/

export function fileSink(options: FileSinkOptions): FileSink {
  const pending: Pending[] = []
  const force = options.force ?? false
  const toStdout = options.out === '-'

  async function finalPath(spec: ArtifactSpec): Promise<string> {
    const inFolder = options.out.endsWith('/') || isDirectory(options.out)
    const tail = (spec.role ? `.${spec.role}` : '') + spec.extension
    if (inFolder) return join(options.out, spec.suggestedName ?? (await options.defaultName()) + tail)
    return spec.role ? options.out.replace(imageExtension, '') + tail : options.out
  }

  async function reserve(final: string): Promise<Pending> {
    if (!force && existsSync(final)) throw alreadyThere(final)
    await mkdir(dirname(final), { recursive: true }).catch((error) => {
      throw ioError(`make the folder ${dirname(final)}`, error)
    })
    const temporary = join(dirname(final), `.${basename(final).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`)
    registerTemporary(temporary)
    const entry = { temporary, final }
    pending.push(entry)
    return entry
  }

  return {
    async create(spec) {
      if (!toStdout) return fileArtifact(await reserve(await finalPath(spec)))
      if (spec.role) {
        throw new IngotError('usage', 'this form has two files, which standard output cannot carry', {
          hint: 'Choose a single-file form (--variant unified), or write to a file with -o.',
        })
      }
      return stdoutArtifact(options.stdout ?? process.stdout)
    },
    async directory({ mayExist }) {
      if (toStdout) throw new IngotError('usage', 'a directory cannot be written to standard output')
      const final = options.out.length > 1 ? options.out.replace(/\/+$/, '') : options.out
      if (existsSync(final)) {
        if (mayExist && isDirectory(final)) return { path: final, finalPath: final }
        if (!force) throw alreadyThere(final)
      }
      const entry = await reserve(final)
      await mkdir(entry.temporary, { mode: 0o755 }).catch((error) => {
        throw ioError(`make the folder ${entry.temporary}`, error)
      })
      return { path: entry.temporary, finalPath: final }
    },
    async commit() {
      const placed: string[] = []
      try {
        for (const entry of pending) {
          await place(entry, force)
          placed.push(entry.final)
          forgetTemporary(entry.temporary)
        }
      } catch (error) {
        if (!force) for (const path of placed) await rm(path, { recursive: true, force: true })
        throw error
      }
      pending.length = 0
    },
    async abort() {
      for (const entry of pending) {
        await rm(entry.temporary, { recursive: true, force: true })
        forgetTemporary(entry.temporary)
      }
      pending.length = 0
    },
  }
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

function alreadyThere(path: string): IngotError {
  return new IngotError('exists', `${path} exists already`, { hint: 'Choose another -o, or replace it with --force.' })
}

/** Puts a finished temporary under its final name: atomically, and without replacing anything unless forced. */
async function place(entry: Pending, force: boolean): Promise<void> {
  try {
    if (isDirectory(entry.temporary)) {
      if (force && existsSync(entry.final)) {
        const retired = `${entry.temporary}.old`
        registerTemporary(retired)
        await rename(entry.final, retired)
        await rename(entry.temporary, entry.final)
        await rm(retired, { recursive: true, force: true })
        forgetTemporary(retired)
      } else {
        await rename(entry.temporary, entry.final)
      }
    } else if (force) {
      await rename(entry.temporary, entry.final)
    } else {
      await link(entry.temporary, entry.final)
      await unlink(entry.temporary)
    }
    await syncFolder(dirname(entry.final))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw alreadyThere(entry.final)
    throw ioError(`put ${entry.final} in place`, error)
  }
}

function fileArtifact(entry: Pending): Artifact {
  return {
    async write(stream) {
      const sum = await writeDurably(entry.temporary, 0o644, entry.final, (put) => sumOf(stream, put))
      return { path: entry.final, ...sum }
    },
    async path() {
      return entry.temporary
    },
    async finish() {
      const handle = await open(entry.temporary, 'r+')
      await handle.sync()
      await handle.close()
      return { path: entry.final, ...(await sumOf((await openFile(entry.temporary)).open())) }
    },
  }
}

function stdoutArtifact(stdout: Writable): Artifact {
  let spool: string | undefined
  async function write(stream: ByteStream): Promise<ArtifactFile> {
    const sum = await sumOf(stream, async (chunk) => {
      await new Promise<void>((resolve, reject) => {
        stdout.write(chunk, (error) => (error ? reject(ioError('write to standard output', error)) : resolve()))
      })
    })
    return { path: '-', ...sum }
  }
  return {
    write,
    async path() {
      const folder = await temporaryFolder({ prefix: 'stdout-' })
      spool = join(folder.path, 'image')
      return spool
    },
    async finish() {
      return await write((await openFile(spool!)).open())
    },
  }
}
