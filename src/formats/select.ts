import { IngotError } from '../image/error.ts'
import { hostArchitecture, normalisePlatform, ociPlatform, type Platform, platformText } from '../image/platform.ts'
import type { Candidate } from './types.ts'

export interface Wanted {
  readonly name?: string | undefined
  readonly platform?: Platform | undefined
}

/**
 * Picks the one image that is meant out of an input that may hold several. With no platform asked for, the host's is
 * taken when it is the only thing that tells the candidates apart. Throws 'not-found' or, when several are left, 'usage';
 * both list what there is.
 */
export function selectCandidate(candidates: readonly Candidate[], wanted: Wanted, subject: string): Candidate {
  let left = candidates
  if (wanted.name !== undefined) left = left.filter((c) => c.names.some((n) => sameName(n, wanted.name!)))
  if (wanted.platform) left = left.filter((c) => c.platform === undefined || samePlatform(c.platform, wanted.platform!))
  if (left.length === 1) return left[0]!
  if (left.length > 1 && !wanted.platform && new Set(left.map((c) => c.names.join(' '))).size === 1) {
    const host = ociPlatform(hostArchitecture())
    const native = left.filter((c) => c.platform && samePlatform(c.platform, host))
    if (native.length === 1) return native[0]!
  }
  const asked = [wanted.name, wanted.platform && platformText(wanted.platform)].filter(Boolean).join(' for ')
  const listing = candidates.map((c) => `  ${describe(c)}`).join('\n')
  if (candidates.length === 0) throw new IngotError('not-found', `${subject}: there is no image in it`)
  if (left.length === 0)
    throw new IngotError('not-found', `${subject}: there is no ${asked} in it. There is:\n${listing}`)
  throw new IngotError('usage', `${subject}: several images fit. There is:\n${listing}`, {
    hint: 'Choose with a :NAME after the path, or with --platform.',
  })
}

function describe(candidate: Candidate): string {
  const names = candidate.names.length > 0 ? candidate.names.join(', ') : '(no name)'
  return candidate.platform ? `${names}  ${platformText(candidate.platform)}` : names
}

function samePlatform(a: Platform, b: Platform): boolean {
  return platformText(normalisePlatform(a)) === platformText(normalisePlatform(b))
}

/** A name matches itself, and a full reference matches by its short forms (`docker.io/library/debian:12` ← `debian:12`, `12`). */
function sameName(have: string, want: string): boolean {
  const forms = new Set([have])
  const short = have.replace(/^docker\.io\/(library\/)?/, '')
  forms.add(short)
  forms.add(short.replace(/:latest$/, ''))
  const tag = /:([^/:]+)$/.exec(have)
  if (tag) forms.add(tag[1]!)
  return forms.has(want)
}
