import type { ByteString } from '../image/bytes.ts'

/** Longest name or link target that is read. Linux itself stops at 4096 bytes. */
export const maxPathBytes = 65536

/** Why a stored name is refused, for the end of a sentence: "the name …". */
export type PathFault =
  | 'is empty'
  | 'has a NUL byte'
  | 'has a `..` component'
  | 'is absolute'
  | `is longer than ${typeof maxPathBytes} bytes`

export type CanonicalPath =
  | { readonly path: ByteString; readonly fault?: undefined }
  | { readonly path?: undefined; readonly fault: PathFault }

// An empty, `.` or `..` component, or a NUL, anywhere.
const needsWork = /(?:^|\/)\.{0,2}(?:\/|$)|\0/

/**
 * A stored name in the form that EntryHeader.path has: no leading `/` or `./`, no trailing `/`, no empty or `.`
 * component; the root itself is ''. Names that cannot be brought into it, or with `absolute` 'error' begin with `/`,
 * come back as a fault.
 */
export function canonicalPath(stored: ByteString, absolute: 'strip' | 'error'): CanonicalPath {
  const start = stored.startsWith('./') ? 2 : 0
  const end = stored.endsWith('/') && stored.length > start ? stored.length - 1 : stored.length
  const path = start === 0 && end === stored.length ? stored : stored.slice(start, end)
  if (path.length <= maxPathBytes && !needsWork.test(path)) return { path }
  return cleanPath(stored, absolute)
}

function cleanPath(stored: ByteString, absolute: 'strip' | 'error'): CanonicalPath {
  if (stored === '') return { fault: 'is empty' }
  if (stored.length > maxPathBytes) return { fault: `is longer than ${maxPathBytes} bytes` }
  if (stored.includes('\0')) return { fault: 'has a NUL byte' }
  if (stored.startsWith('/') && absolute === 'error') return { fault: 'is absolute' }
  const parts = stored.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) return { fault: 'has a `..` component' }
  return { path: parts.join('/') }
}
