// `npm run bundle`, and after `npm ci`: the program and its libraries in a few files of dist/, which load in half the time of some
// hundred. bin/ingot runs them for as long as no source is newer, and the sources themselves otherwise.
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const light = '\0light\0'
const nothing = '\0nothing'

/** Modules that every program of Node's has loaded when it starts, by which nothing is won. */
const loaded = new Set(['buffer', 'events', 'fs', 'path', 'process', 'timers', 'url', 'util'])

/** What is always loaded together, in one file: each file of its own takes half a millisecond. */
const together: Readonly<Record<string, readonly string[]>> = {
  cli: [
    'node_modules/commander/',
    ...['program', 'print', 'report-error', 'version', 'options', 'text', 'with-store'].map(
      (name) => `src/cli/${name}.ts`,
    ),
    ...['error', 'platform', 'suggest'].map((name) => `src/image/${name}.ts`),
    'src/formats/names.ts',
  ],
  catalog: [
    ...['list', 'read', 'sqlite', 'rows', 'brief-record', 'listing'].map((name) => `src/store/catalog/${name}.ts`),
    'src/cli/image-list/',
    'src/host/home.ts',
  ],
}

/**
 * A module of Node's by what is used of it; a function loads it when it is first called. To import one as it is makes all that it
 * exports, also what is behind getters (streams, sockets, WebCrypto): half of the time that quick commands took.
 */
function lightBuiltin(name: string, kind: string): string {
  const load = `process.getBuiltinModule('${name}')`
  if (kind === 'require-call') return `module.exports = ${load}`
  const isLoaded = loaded.has(name.replace('node:', ''))
  const exports = Object.entries(process.getBuiltinModule(name) ?? {})
    .filter(([key]) => /^[A-Za-z_$]\w*$/.test(key) && key !== 'default')
    .map(([key, value]) => {
      const isFunction = typeof value === 'function' && /^[a-z]/.test(key)
      const made = isFunction && !isLoaded ? `(...values) => ${load}.${key}(...values)` : `/*#__PURE__*/ of('${key}')`
      return `export const ${key} = ${made}`
    })
  return [`const of = (name) => ${load}[name]`, `export default /*#__PURE__*/ (() => ${load})()`, ...exports].join('\n')
}

rmSync(dist, { recursive: true, force: true })
const bundle = await rolldown({
  input: join(root, 'src/cli/program.ts'),
  platform: 'node',
  // It is native code.
  external: ['koffi'],
  plugins: [
    {
      name: 'light-builtins',
      resolveId: (specifier, importer, { kind }) => {
        // The argument parser would start programs, for commands that Ingot does not have.
        if (specifier === 'node:child_process' && importer?.includes('/node_modules/commander/')) return nothing
        // One for each file that asks: they would be files of their own otherwise.
        return isBuiltin(specifier) ? `${light}${specifier}\0${kind}\0${importer}` : null
      },
      load: (id) =>
        id === nothing
          ? 'export default undefined'
          : id.startsWith(light)
            ? lightBuiltin(...(id.split('\0').slice(2) as [string, string]))
            : null,
    },
  ],
})
// As deep as the sources: they find package.json and node_modules from where they are. Files with this ending are modules whatever a
// package.json says, so that none is looked for.
const { output } = await bundle.write({
  dir: join(dist, 'cli'),
  format: 'esm',
  sourcemap: true,
  codeSplitting: {
    groups: Object.entries(together).map(([name, paths]) => ({
      name,
      test: (id: string) => paths.some((path) => id.startsWith(join(root, path))),
    })),
  },
  // What is not there need not be read; names stay, for stack traces.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
})
const sources = output
  .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  .filter((id) => id.startsWith(join(root, 'src/')))
  .map((id) => relative(root, id))
writeFileSync(join(dist, 'sources.json'), JSON.stringify(['package-lock.json', ...sources]))
// What the program remembers of its work is only good for itself.
const digest = createHash('sha256')
for (const file of output) if (file.type === 'chunk') digest.update(file.code)
writeFileSync(join(dist, 'id'), digest.digest('hex'))
