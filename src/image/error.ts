/** Why something failed, in one word that scripts can rely on. Each has one exit status (docs/errors.md). */
export type ErrorCode =
  | 'usage' // the command line or recipe is wrong
  | 'not-found' // a file, image, name or platform that was asked for is not there
  | 'exists' // the output is there already
  | 'bad-input' // an image, archive or document breaks its format
  | 'corrupt' // bytes differ from the digest or size they were promised with
  | 'limit' // a safety limit was reached (bomb, header size, …)
  | 'unsupported' // valid, but this format or host cannot hold or do it
  | 'missing-tool' // a program or package is missing on this host
  | 'command-failed' // a program ran and failed
  | 'io' // disk full, permission denied, …
  | 'interrupted'

/** Exit status of each code. 1 is left for unexpected errors (bugs). */
export const exitStatuses: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  'not-found': 3,
  exists: 4,
  'bad-input': 5,
  corrupt: 6,
  limit: 7,
  unsupported: 8,
  'missing-tool': 9,
  'command-failed': 10,
  io: 11,
  interrupted: 130,
}

export interface ErrorDetails {
  readonly cause?: unknown
  /** What the user can do about it, one sentence. */
  readonly hint?: string
}

/** The one error class: what failed, on what, why (message), and what to do (hint). */
export class IngotError extends Error {
  override readonly name = 'IngotError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }

  get exitStatus(): number {
    return exitStatuses[this.code]
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The errno name (`ENOENT`, …) of a Node system error, if it is one. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)) {
    return error.code
  }
  return undefined
}

/** An 'io' IngotError for a system error met while doing `doing` (e.g. "write out.tar"); other errors pass through. */
export function ioError(doing: string, error: unknown): Error {
  const errno = errnoOf(error)
  if (errno === undefined) return error instanceof Error ? error : new Error(String(error))
  const known: Record<string, string> = {
    ENOSPC: 'no space left on the device',
    EDQUOT: 'disk quota exceeded',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    ENOENT: 'no such file or directory',
    EROFS: 'read-only file system',
    EISDIR: 'is a directory',
    ENOTDIR: 'a part of the path is not a directory',
    EFBIG: 'file too large',
  }
  const code: ErrorCode = errno === 'ENOENT' ? 'not-found' : errno === 'EEXIST' ? 'exists' : 'io'
  return new IngotError(code, `cannot ${doing}: ${known[errno] ?? errno}`, { cause: error })
}
