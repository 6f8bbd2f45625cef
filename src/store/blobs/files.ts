import { randomBytes } from 'node:crypto'
import { type FileHandle, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sumOf, syncFolder, writeDurably } from '../../host/durable.ts'
import { openFile } from '../../host/file.ts'
import { openWorkFolder } from '../../host/work-folder.ts'
import { type Digest, digestAlgorithm, digestHex } from '../../image/digest.ts'
import { errnoOf, IngotError, ioError } from '../../image/error.ts'
import type { BlobDriver, Staging, StoredBlob } from './types.ts'

/** Blobs as files `<folder>/<64 hex digits>`; `temporary` must be on the same file system. */
export function fileBlobs(folder: string, temporary: string): BlobDriver {
  const path = (digest: Digest) => {
    if (digestAlgorithm(digest) !== 'sha256')
      throw new IngotError('unsupported', `${digest}: the store keeps SHA-256 only`)
    return join(folder, digestHex(digest))
  }
  return {
    path,
    async stage() {
      return staging(await openWorkFolder(temporary, 'import-'))
    },
    async place(blobs) {
      for (const blob of blobs) {
        await rename(blob.path, path(blob.digest)).catch((error) => {
          throw ioError(`put ${path(blob.digest)} in place`, error)
        })
      }
      if (blobs.length > 0) await syncFolder(folder)
    },
    async has(digest, size) {
      try {
        const found = await stat(path(digest))
        return found.isFile() && found.size === size
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return false
        throw ioError(`look at ${path(digest)}`, error)
      }
    },
    async open(digest) {
      return await openFile(path(digest))
    },
    async remove(digests) {
      for (const digest of digests) {
        await rm(path(digest), { force: true }).catch((error) => {
          throw ioError(`remove ${path(digest)}`, error)
        })
      }
      if (digests.length > 0) await syncFolder(folder)
    },
    list: () => listBlobs(folder),
  }
}

async function* listBlobs(folder: string): AsyncIterable<StoredBlob> {
  const entries = await opendir(folder).catch((error) => {
    throw ioError(`list ${folder}`, error)
  })
  for await (const { name } of entries) {
    const { size } = await stat(join(folder, name))
    yield { name, digest: /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : undefined, size }
  }
}

function staging(work: { readonly path: string; remove(): Promise<void> }): Staging {
  return {
    path: work.path,
    async write(stream) {
      const path = join(work.path, randomBytes(8).toString('hex'))
      const { sha256, size } = await writeDurably(path, 0o600, path, (put) => sumOf(stream, put))
      return { digest: `sha256:${sha256}`, size, path }
    },
    async adopt(path, digest) {
      const file = await openFile(path)
      const handle = await open(path, 'r')
      try {
        await sync(handle, path)
      } finally {
        await handle.close()
      }
      return { digest: digest ?? `sha256:${(await sumOf(file.open())).sha256}`, size: file.size, path }
    },
    remove: () => work.remove(),
  }
}

async function sync(handle: FileHandle, path: string): Promise<void> {
  await handle.sync().catch((error) => {
    throw ioError(`write ${path}`, error)
  })
}
