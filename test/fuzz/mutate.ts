/** A small repeatable random source (mulberry32), so that a failing case can be named by its seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const words = [
  '..',
  '/etc/passwd',
  '\0',
  '-1',
  '99999999999',
  '18446744073709551615',
  'sha256:',
  '{',
  '[[[[',
  '"',
  '\xff\xfe',
  'manifests',
  'layers',
]

/** One to four damages: bits, bytes, blocks, cuts, repeats, telling words, numbers at their limits. */
export function mutate(original: Buffer, random: () => number): Buffer {
  let bytes: Buffer = Buffer.from(original)
  const times = 1 + Math.floor(random() * 4)
  for (let i = 0; i < times && bytes.length > 0; i++) bytes = damage(bytes, random)
  return bytes
}

function damage(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length)
  const length = Math.min(bytes.length - at, 1 + Math.floor(random() ** 3 * 1024))
  switch (Math.floor(random() * 9)) {
    case 0:
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8))
      return bytes
    case 1:
      bytes[at] = Math.floor(random() * 256)
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    case 5:
      bytes.fill(random() < 0.5 ? 0 : 0xff, at, at + length)
      return bytes
    case 6:
      bytes.write(words[Math.floor(random() * words.length)]!, at, 'latin1')
      return bytes
    case 7: {
      const block = Math.floor(at / 512) * 512
      return fixChecksum(damageField(bytes, block, random), block)
    }
    default: {
      const other = Math.floor(random() * (bytes.length - length + 1))
      bytes.copy(bytes, other, at, at + length)
      return bytes
    }
  }
}

const fields = [0, 100, 108, 116, 124, 136, 156, 157, 257, 329, 337, 345]

/** Damage inside a tar header that keeps its checksum right, so that it reaches past the first check. */
function damageField(bytes: Buffer, block: number, random: () => number): Buffer {
  if (block + 512 > bytes.length) return bytes
  const field = block + fields[Math.floor(random() * fields.length)]!
  if (random() < 0.5) bytes.write(words[Math.floor(random() * words.length)]!, field, 'latin1')
  else bytes[field] = Math.floor(random() * 256)
  return bytes
}

function fixChecksum(bytes: Buffer, block: number): Buffer {
  if (block + 512 > bytes.length) return bytes
  bytes.fill(0x20, block + 148, block + 156)
  let sum = 0
  for (let i = block; i < block + 512; i++) sum += bytes[i]!
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, block + 148, 'latin1')
  return bytes
}
