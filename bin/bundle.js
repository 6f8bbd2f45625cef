const { readFileSync, statSync } = process.getBuiltinModule('fs')

/**
 * The bundle that scripts/bundle.ts has made in this checkout, where it is of these very sources; undefined where one is newer.
 * @param {string} root
 * @returns {string | undefined}
 */
export function findBundle(root) {
  const list = `${root}/dist/sources.json`
  const made = statSync(list, { throwIfNoEntry: false })?.mtimeMs
  if (made === undefined) return undefined
  const fresh = (source) => (statSync(`${root}/${source}`, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < made
  return JSON.parse(readFileSync(list, 'utf8')).every(fresh) ? `${root}/dist/cli/program.mjs` : undefined
}
