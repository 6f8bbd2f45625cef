/** `1.4 GB`, decimal units as lxc and docker print them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 9.95 ? 2 : value < 99.5 ? 1 : 0)} ${units[unit]}`
}

/** `9s`, `3m 05s`, `1h 02m`. */
export function formatDuration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 60) return `${s}s`
  if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, '0')}s`
  return `${Math.floor(s / 3600)}h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`
}

/** Columns that a terminal shows: wide (CJK, emoji) characters take two, combining marks and control characters none. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i)!
    width += characterWidth(code)
    i += code > 0xffff ? 2 : 1
  }
  return width
}

function characterWidth(code: number): number {
  if (code >= 0x20 && code < 0x7f) return 1
  // Han, its punctuation and Hangul, by far the most of wide text, without a look into tables.
  if (code >= 0x4e00 ? code <= 0x9fff || (code >= 0xac00 && code <= 0xd7a3) : code >= 0x3000 && code <= 0x3029) return 2
  if (code >= 0xff01 && code <= 0xff60) return 2
  const char = String.fromCodePoint(code)
  if (/^[\p{Mn}\p{Me}\p{Control}\p{Format}\u1160-\u11ff\ud7b0-\ud7fb]$/u.test(char)) return 0
  if (/^\p{Regional_Indicator}$/u.test(char)) return 1
  return /^[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dff\ua000-\ua4cf\ua960-\ua97c\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u.test(
    char,
  )
    ? 2
    : 1
}

/** A plain table with aligned columns, as `docker image ls` prints them. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows]
  const widths = head.map((_, i) => lines.reduce((width, row) => Math.max(width, displayWidth(row[i] ?? '')), 0))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === widths.length - 1 ? cell : cell + ' '.repeat(widths[i]! - displayWidth(cell))))
      .join('  ')
      .trimEnd()
  return `${lines.map(line).join('\n')}\n`
}
