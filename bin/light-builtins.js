import { registerHooks } from 'node:module'

/** What the argument parser imports, by what it uses of it; it would start programs for commands that Ingot does not have. */
const modules = {
  'node:child_process': 'export default undefined',
  'node:fs': "export default process.getBuiltinModule('fs')",
  'node:process': 'export default process',
  'node:util': "export const { stripVTControlCharacters } = process.getBuiltinModule('util')",
}

/**
 * Gives the argument parser light forms of Node's modules. To import one of these as they are makes all that it exports, also what is
 * behind getters (streams, sockets): 30 ms of the 65 that Ingot took to start.
 */
export function lightenBuiltins() {
  registerHooks({
    resolve(specifier, context, next) {
      const source = context.parentURL?.includes('/node_modules/commander/') ? modules[specifier] : undefined
      if (source === undefined) return next(specifier, context)
      return { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true }
    },
  })
}
