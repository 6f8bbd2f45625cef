/**
 * Functions of node:fs and node:util for what every command loads. `import … from 'node:fs'` makes all exports of the module, even
 * those behind getters, which load streams, sockets and more: 10 to 16 ms for each of the two, of some 60 from start to help.
 */
export const { closeSync, existsSync, openSync, readFileSync } = process.getBuiltinModule('node:fs')
export const { styleText } = process.getBuiltinModule('node:util')
