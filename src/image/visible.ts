// Control characters, the separators that end a line for some, and the marks that turn the direction of writing.
const hidden = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * The text as a terminal may have it: what moves its cursor, colours it, ends a line or turns the direction of writing
 * is shown as `\x1b` or `\u202e`, so that an image's description cannot draw over what else the list says.
 */
export function visible(text: string): string {
  return text.replace(hidden, escaped)
}

/** Whether it is shown as it is. */
export function isVisible(text: string): boolean {
  return text.search(hidden) === -1
}

function escaped(char: string): string {
  const code = char.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
