/**
 * A text to sort `text` by: `<` puts such keys into the order in which `lxc image list` (LXD 5) has its rows, with the
 * numbers in texts by their value: w9 before w10, numbers before any other character, and of equal numbers the one with
 * fewer noughts before it first. For that, each number in a key begins with what is below all characters and with its
 * length, and its noughts come after it. Other characters come in the order of their UTF-8, of which a key has each byte
 * as a character.
 */
export function naturalKey(original: string): string {
  const text = /[^\0-\x7f]/.test(original) ? Buffer.from(original).toString('latin1') : original
  let key = ''
  let done = 0
  // Character by character: for the short texts of a list this takes a quarter of the time of a regular expression.
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text, at)) continue
    let first = at
    while (text.charCodeAt(first) === 48) first++
    let end = first
    while (isDigit(text, end)) end++
    key += text.slice(done, at) + markOf(end - first)
    done = first
    if (first > at) {
      key += text.slice(first, end) + '\uffff'.repeat(first - at)
      done = end
    }
    at = end
  }
  return key === '' ? text : key + text.slice(done)
}

const marks = Array.from({ length: 20 }, (_, length) => `\0${String.fromCharCode(length)}`)

function markOf(length: number): string {
  return marks[length] ?? `\0${String.fromCharCode(length)}`
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}
