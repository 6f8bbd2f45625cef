/** Columns that a terminal shows: wide (CJK, emoji) characters take two, combining marks and control characters none. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  let width = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Han, its punctuation and Hangul, by far the most of wide text, without a look into tables.
    if (unit >= 0x20 && unit < 0x7f) width++
    else if (unit >= 0x4e00 ? unit <= 0x9fff || (unit >= 0xac00 && unit <= 0xd7a3) : unit >= 0x3000 && unit <= 0x3029)
      width += 2
    else {
      const code = text.codePointAt(i)!
      width += characterWidth(code)
      if (code > 0xffff) i++
    }
  }
  return width
}

function characterWidth(code: number): number {
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
