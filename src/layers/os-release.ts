/** The fields of an os-release file (freedesktop.org os-release(5)): shell-like assignments; later ones win. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.trim())
    if (match) fields.set(match[1]!, unquote(match[2]!))
  }
  return fields
}

function unquote(value: string): string {
  const single = /^'([^']*)'/.exec(value)
  if (single) return single[1]!
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(value)
  if (double) return double[1]!.replace(/\\(["$`\\])/g, '$1')
  return value.replace(/\\(.)/g, '$1')
}
