/** Variables by name, of `KEY=value`. */
export function environmentOf(lines: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.indexOf('=')
      return end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end + 1)]
    }),
  )
}

/** And back. */
export function environmentLines(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`)
}
