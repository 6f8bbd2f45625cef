import { once } from 'node:events'

const pieceLength = 64 * 1024

/** Writes a long text to standard output in pieces of some 64 KiB, no faster than they are taken. */
export async function writeOut(text: Iterable<string>): Promise<void> {
  let piece = ''
  const flush = async () => {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
    piece = ''
  }
  for (const part of text) {
    piece += part
    if (piece.length >= pieceLength) await flush()
  }
  if (piece !== '') await flush()
}
