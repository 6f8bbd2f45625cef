/** The first value of each field of a stanza; lines that go on one are left out. */
export function fieldsOf(stanza: string, separator: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of stanza.split('\n')) {
    const end = line.indexOf(separator)
    if (end < 1 || line.startsWith(' ')) continue
    const name = line.slice(0, end)
    if (!fields.has(name)) fields.set(name, line.slice(end + separator.length).trim())
  }
  return fields
}

/** A property, where there is text for it. */
export function text<K extends string>(key: K, value: string | undefined): { readonly [k in K]?: string } {
  return (value ? { [key]: value } : {}) as { readonly [k in K]?: string }
}

/** A size of so many units, where it is a number. */
export function size(value: string | undefined, unit: number): { readonly installedSize?: number } {
  return value && /^\d{1,15}$/.test(value) ? { installedSize: Number(value) * unit } : {}
}
