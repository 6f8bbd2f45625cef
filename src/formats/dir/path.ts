import { type ByteString, bytesFromText, displayBytes } from '../../image/bytes.ts'

/** Turns paths inside a tree into paths of the host, as bytes and for messages. */
export interface TreePaths {
  host(path: ByteString): Buffer
  display(path: ByteString): string
}

export function treePaths(root: string): TreePaths {
  const base = bytesFromText(root === '/' ? '' : root.replace(/\/+$/, ''))
  const join = (path: ByteString) => (path === '' ? base || '/' : `${base}/${path}`)
  return {
    host: (path) => Buffer.from(join(path), 'latin1'),
    display: (path) => displayBytes(join(path)),
  }
}
