import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bufferFromBytes, bytesFromBuffer, bytesFromText, compareBytes, displayBytes, textFromBytes } from './bytes.ts'

test('any bytes survive the way to a byte string and back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(bufferFromBytes(bytesFromBuffer(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('text becomes its UTF-8 bytes and back', () => {
  expect(bufferFromBytes(bytesFromText('镜像'))).toEqual(Buffer.from('镜像', 'utf8'))
  expect(textFromBytes(bytesFromText('镜像'))).toBe('镜像')
})

test('bytes that are not UTF-8 are no text, and are shown escaped', () => {
  expect(textFromBytes('caf\xe9')).toBeUndefined()
  expect(displayBytes('caf\xe9')).toBe('caf\\xe9')
})

test('control characters are never shown raw', () => {
  expect(displayBytes('a\x1b[2Jb\n')).toBe('a\\x1b[2Jb\\x0a')
})

test('the order is bytewise', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      expect(compareBytes(bytesFromBuffer(a), bytesFromBuffer(b))).toBe(Buffer.compare(a, b))
    }),
  )
})
