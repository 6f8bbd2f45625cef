import type { ByteString } from '../image/bytes.ts'
import type { Entry } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import type { Architecture } from '../image/platform.ts'
import { readStart } from '../image/stream.ts'
import { elfArchitecture, elfHeaderSize } from './elf.ts'
import { nowhere } from './node-table.ts'
import { parseOsRelease } from './os-release.ts'
import { Tree } from './tree.ts'

/** What a tree says about itself. */
export interface TreeFacts {
  /** Of `/bin/sh`, or of another program in a bin folder when there is no shell. */
  readonly architecture: Architecture | undefined
  /** Fields of `/etc/os-release`, else of `/usr/lib/os-release`; empty when there is none. */
  readonly osRelease: ReadonlyMap<string, string>
  /** `/sbin/init` is there: a system can be started from this tree. */
  readonly hasInit: boolean
}

/** Also what `os-release` may be a symlink to, such as `os-release-fedora`. */
const releaseFile = /os-release[^/]*$/
const binFolder = /(^|\/)s?bin\//
const maxRelease = 64 * 1024

/**
 * Looks for facts in a single tree, following symlinks inside its root. Reads until all are known, else to the end. Keeps the first
 * bytes of programs in bin folders, and os-release files, nothing else.
 */
export async function probeTree(layer: Layer): Promise<TreeFacts> {
  const probe = new Probe(layer.name)
  for await (const entry of layer.entries()) {
    await probe.see(entry)
    if (probe.complete()) break
  }
  return probe.facts()
}

class Probe {
  readonly #subject: string
  readonly #tree = new Tree({ pathsOnly: true })
  readonly #releases = new Map<number, string>()
  readonly #programs = new Map<number, Architecture>()
  #ordinal = -1

  constructor(subject: string) {
    this.#subject = subject
  }

  async see(entry: Entry): Promise<void> {
    this.#ordinal++
    if (entry.type === 'hardlink') return this.#seeLink(entry)
    const { node } = this.#tree.add(entry, 0, this.#ordinal, this.#subject)
    if (entry.type !== 'file') return
    if (releaseFile.test(entry.path) && entry.size <= maxRelease) {
      this.#releases.set(node, (await readStart(entry.body, maxRelease)).toString('utf8'))
    } else if (binFolder.test(entry.path) && entry.size >= elfHeaderSize) {
      const architecture = elfArchitecture(await readStart(entry.body, elfHeaderSize))
      if (architecture) this.#programs.set(node, architecture)
    }
  }

  #seeLink(entry: Entry): void {
    const target = this.#tree.find(entry.linkTarget, this.#subject)
    const node = this.#tree.addLink(entry, 0, this.#ordinal, this.#subject)?.node
    if (target === undefined || node === undefined) return
    const [release, program] = [this.#releases.get(target), this.#programs.get(target)]
    if (release !== undefined) this.#releases.set(node, release)
    if (program !== undefined) this.#programs.set(node, program)
  }

  complete(): boolean {
    if (this.#releases.size === 0 || this.#programs.size === 0) return false
    return this.#release('etc/os-release') !== undefined && this.#shell() !== undefined && this.#hasInit()
  }

  facts(): TreeFacts {
    const release = this.#release('etc/os-release') ?? this.#release('usr/lib/os-release') ?? ''
    const [anyProgram] = this.#programs.values()
    return { architecture: this.#shell() ?? anyProgram, osRelease: parseOsRelease(release), hasInit: this.#hasInit() }
  }

  #release(path: ByteString): string | undefined {
    const found = this.#tree.resolve(path)
    return found === undefined ? undefined : this.#releases.get(found)
  }

  #shell(): Architecture | undefined {
    const found = this.#tree.resolve('bin/sh')
    return found === undefined ? undefined : this.#programs.get(found)
  }

  /** A symlink counts wherever it leads: to a program that comes later in the stream. */
  #hasInit(): boolean {
    const folder = this.#tree.resolve('sbin')
    return folder !== undefined && this.#tree.nodes.child(folder, 'init', 0, 'init'.length) !== nowhere
  }
}
