import { registerHooks } from 'node:module'

/** What the argument parser imports, by what it uses of it; it would start programs for commands that Ingot does not have. */
const modules = {
  'node:child_process': 'export default undefined',
  'node:fs': "export default process.getBuiltinModule('fs')",
  'node:process': 'export default globalThis.process',
  'node:util': "export const { stripVTControlCharacters } = process.getBuiltinModule('util')",
}

/**
 * The light form of a module of Node's where the argument parser asks for it, else undefined. To import one of these as they are makes
 * all that it exports, also what is behind getters (streams, sockets): 30 ms of the 65 that Ingot took to start.
 * @param {string} specifier
 * @param {string | undefined} importer path or URL
 */
export function lightBuiltin(specifier, importer) {
  return importer?.includes('/node_modules/commander/') ? modules[specifier] : undefined
}

/** Gives the argument parser the light forms when it is loaded. */
export function lightenBuiltins() {
  registerHooks({
    resolve(specifier, context, next) {
      const source = lightBuiltin(specifier, context.parentURL)
      if (source === undefined) return next(specifier, context)
      return { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true }
    },
  })
}
