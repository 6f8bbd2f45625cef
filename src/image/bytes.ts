/**
 * Byte strings. File names, link targets and xattr names of a root file system are bytes, not text.
 * Ingot holds them as JavaScript strings in which every char code (0..255) is one byte (Node's `latin1`):
 * lossless, usable as map keys, and `<` compares them bytewise.
 */
export type ByteString = string

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The byte string of a buffer. Lossless. */
export function bytesFromBuffer(buffer: Uint8Array): ByteString {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString('latin1')
}

/** The buffer of a byte string. Lossless. */
export function bufferFromBytes(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1')
}

/** The byte string of ordinary text, encoded as UTF-8. */
export function bytesFromText(text: string): ByteString {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** The text of a byte string, or undefined when it is not valid UTF-8. */
export function textFromBytes(bytes: ByteString): string | undefined {
  if (isAscii(bytes)) return bytes
  try {
    return utf8.decode(bufferFromBytes(bytes))
  } catch {
    return undefined
  }
}

/** For people: text where the bytes are UTF-8, `\xNN` for each byte otherwise; control characters are always escaped. */
export function displayBytes(bytes: ByteString): string {
  const text = textFromBytes(bytes)
  const hex = (c: string) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`
  if (text === undefined) return bytes.replace(/[^\x20-\x7e]/g, hex)
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, hex)
}

/** Bytewise order, the only order Ingot sorts names by. */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text)
}
