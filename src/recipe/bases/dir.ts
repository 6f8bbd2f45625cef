import { strictMap, text } from '../fields.ts'

/** A root file system in a directory. */
export interface DirBase {
  readonly kind: 'dir'
  /** Relative to the recipe's folder. */
  readonly path: string
}

export const dirForm = strictMap({ dir: text }).transform(({ dir: path }): DirBase => ({ kind: 'dir', path }))

export function shortDir(path: string): DirBase {
  return { kind: 'dir', path }
}
