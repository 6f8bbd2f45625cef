import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder, writeDurably } from '../../host/durable.ts'
import { forgetTemporary, registerTemporary } from '../../host/temporary.ts'
import { errnoOf, ioError } from '../../image/error.ts'
import type { ByteStream } from '../../image/stream.ts'
import { type BlobPromise, type BlobStore, checkedBlob, measured } from '../blob-store.ts'
import { blobPath } from './read-blob.ts'

/**
 * Blobs of a layout directory. Each is written to a temporary file, synced, and only then given its name, so any number
 * of processes may add to one layout. A file of the right name and size counts as there.
 */
export function layoutStore(root: string): BlobStore {
  async function store(stream: ByteStream, promise: () => BlobPromise): Promise<BlobPromise> {
    const temporary = temporaryName(root)
    return await withTemporary(temporary, async () => {
      await writeDurably(temporary, 0o644, temporary, async (put) => {
        for await (const chunk of stream) await put(chunk)
      })
      const blob = promise()
      await moveInto(temporary, join(root, blobPath(blob.digest)))
      return blob
    })
  }
  return {
    async putKnown(promise, openBlob) {
      if (await hasSize(join(root, blobPath(promise.digest)), promise.size)) return
      await store(checkedBlob(promise, openBlob), () => promise)
    },
    async putStream(stream) {
      const content = measured(stream)
      return await store(content.stream, () => content.result())
    },
  }
}

/** Puts a small file of the layout in place, replacing what is there, atomically and durably. */
export async function replaceFile(root: string, name: string, bytes: Buffer): Promise<void> {
  const temporary = temporaryName(root)
  await withTemporary(temporary, async () => {
    await writeDurably(temporary, 0o644, temporary, (put) => put(bytes))
    await moveInto(temporary, join(root, name))
  })
}

function temporaryName(root: string): string {
  return join(root, `.ingot-${randomBytes(8).toString('hex')}.tmp`)
}

async function withTemporary<T>(temporary: string, work: () => Promise<T>): Promise<T> {
  registerTemporary(temporary)
  try {
    return await work()
  } finally {
    await rm(temporary, { force: true })
    forgetTemporary(temporary)
  }
}

async function moveInto(temporary: string, path: string): Promise<void> {
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true })
    await rename(temporary, path)
  } catch (error) {
    throw ioError(`put ${path} in place`, error)
  }
  await syncFolder(folder)
}

async function hasSize(path: string, size: number): Promise<boolean> {
  try {
    const found = await stat(path)
    return found.isFile() && found.size === size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw ioError(`look at ${path}`, error)
  }
}
