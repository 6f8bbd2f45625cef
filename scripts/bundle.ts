// `npm run bundle`, and after `npm ci`: the program and its libraries in a few files of dist/, which load in half the time of some
// hundred. bin/ingot runs them for as long as no source is newer, and the sources themselves otherwise.
import { rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { lightBuiltin } from '../bin/light-builtins.js'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const light = '\0light:'
const parser = '/node_modules/commander/'

rmSync(dist, { recursive: true, force: true })
const bundle = await rolldown({
  input: join(root, 'src/cli/program.ts'),
  platform: 'node',
  // It is native code.
  external: ['koffi'],
  plugins: [
    {
      name: 'light-builtins',
      resolveId: (specifier, importer) => (lightBuiltin(specifier, importer) ? light + specifier : null),
      load: (id) => (id.startsWith(light) ? lightBuiltin(id.slice(light.length), parser) : null),
    },
  ],
})
// As deep as the sources: they find package.json and node_modules from where they are.
const { output } = await bundle.write({ dir: join(dist, 'cli'), format: 'esm', sourcemap: true })
const sources = output
  .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  .filter((id) => id.startsWith(join(root, 'src/')))
  .map((id) => relative(root, id))
writeFileSync(join(dist, 'sources.json'), JSON.stringify(['package-lock.json', ...sources]))
