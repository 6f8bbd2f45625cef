import { createHash } from 'node:crypto'
import { IngotError } from './error.ts'
import type { ByteStream } from './stream.ts'

/** `sha256:<64 hex>` or `sha512:<128 hex>` (OCI image-spec, descriptor.md "Digests"). */
export type Digest = `sha256:${string}` | `sha512:${string}`
export type DigestAlgorithm = 'sha256' | 'sha512'

const lengths: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 }

/** Parses a digest. Throws 'bad-input' on anything that is not a lower-case sha256 or sha512 digest; `subject` is named in the message. */
export function parseDigest(text: unknown, subject: string): Digest {
  if (typeof text === 'string') {
    const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(text)
    if (match && match[2]!.length === lengths[match[1] as DigestAlgorithm]) return text as Digest
  }
  throw new IngotError('bad-input', `${subject}: ${JSON.stringify(text)} is not a digest that Ingot can verify`, {
    hint: 'Expected sha256:<64 hex digits> or sha512:<128 hex digits>.',
  })
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

/** The digest of bytes in memory. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/**
 * Passes a stream through and checks it: throws 'corrupt' at the end when the digest or the size differs, and at once
 * when more than `size` bytes come. `subject` is named in the message.
 */
export async function* verified(
  stream: ByteStream,
  expected: { readonly digest?: Digest | undefined; readonly size?: number | undefined },
  subject: string,
): ByteStream {
  const hash = expected.digest === undefined ? undefined : createHash(digestAlgorithm(expected.digest))
  let seen = 0
  for await (const chunk of stream) {
    seen += chunk.length
    if (expected.size !== undefined && seen > expected.size) {
      throw new IngotError('corrupt', `${subject}: more than the promised ${expected.size} bytes`)
    }
    hash?.update(chunk)
    yield chunk
  }
  if (expected.size !== undefined && seen !== expected.size) {
    throw new IngotError('corrupt', `${subject}: ${seen} bytes where ${expected.size} were promised`)
  }
  if (hash && expected.digest !== undefined) {
    const actual = hash.digest('hex')
    if (actual !== digestHex(expected.digest)) {
      throw new IngotError(
        'corrupt',
        `${subject}: the content's digest is ${actual}, not the promised ${expected.digest}`,
      )
    }
  }
}
