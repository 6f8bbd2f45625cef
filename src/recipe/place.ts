import type { Position } from './document.ts'

/** Where something of a recipe is written: in its own file, or in one that it takes in. */
export interface Place extends Position {
  /** The file as it was named, for messages. */
  readonly file: string
  /** Absolute: relative paths in that file start here. */
  readonly folder: string
}

/** `file:line:column`, the form that editors can jump to. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
