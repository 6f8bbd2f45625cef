// The entry is JavaScript so that the compile cache is on before the first file of the program is read: starts in half the time.
import { enableCompileCache } from 'node:module'
import { findBundle } from './bundle.js'

// Where an ordinary user is root, the folder that Node takes may belong to the host's root.
enableCompileCache(process.env.INGOT_ROOTLESS ? `${process.env.HOME}/.cache/ingot/compiled` : undefined)
if (process.argv.includes('--debug')) process.setSourceMapsEnabled(true)
const bundle = findBundle(`${import.meta.dirname}/..`)

// `ingot diff A B | head`: whoever reads has seen enough. As if by SIGPIPE; temporary files go on every exit. Standard output is made
// when it is first used: it takes a while, and quick commands do without (src/cli/print.ts).
const stdout = Object.getOwnPropertyDescriptor(process, 'stdout').get
Object.defineProperty(process, 'stdout', {
  configurable: true,
  enumerable: true,
  get() {
    const stream = stdout.call(process)
    Object.defineProperty(process, 'stdout', { value: stream, configurable: true, enumerable: true })
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(141)
    })
    return stream
  },
})
const { runCli } = bundle ? await import(bundle) : await import('../src/cli/program.ts')
process.exitCode = await runCli(process.argv)
