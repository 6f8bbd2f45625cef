import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile } from '../host/file.ts'
import { temporaryFolder } from '../host/temporary.ts'
import { ioError } from '../image/error.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'

/** A stream as a file that can be read at any place: a temporary one, gone when the process ends. `name` is for messages. */
export async function spoolFile(stream: ByteStream, name: string): Promise<ByteFile> {
  const folder = await temporaryFolder({ prefix: 'spool-' })
  const path = join(folder.path, 'content')
  try {
    const handle = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of stream) {
        for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten
      }
    } finally {
      await handle.close()
    }
    return { ...(await openFile(path)), name }
  } catch (error) {
    await folder.remove()
    throw ioError(`unpack ${name} into a temporary file`, error)
  }
}
