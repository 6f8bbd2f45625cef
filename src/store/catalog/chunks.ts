/** What goes into one statement at a time: SQLite takes 32,766 parameters at most. */
export function chunksOf<T>(all: readonly T[], size = 500): readonly T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
