import { IngotError } from '../image/error.ts'
import type { Layer } from '../image/layer.ts'
import { emptyMetadata, type ImageMetadata } from '../image/metadata.ts'
import { probeTree } from '../layers/probe.ts'
import type { Candidate, ReadOptions } from './types.ts'

/** The one image of an input that is a tree without metadata of its own: what there is to say is looked for in the tree. */
export function treeCandidate(display: string, layer: Layer, options: ReadOptions): Candidate {
  let metadata: Promise<ImageMetadata> | undefined
  return {
    names: [],
    async open() {
      return {
        source: display,
        names: [],
        layers: [layer],
        metadata() {
          metadata ??= treeMetadata(layer, options)
          return metadata
        },
      }
    },
  }
}

/**
 * What a tree says about itself: os-release (freedesktop.org os-release(5)) in LXD's words, and the architecture of its
 * shell. Throws 'bad-input' when the architecture can neither be seen nor is given.
 */
async function treeMetadata(layer: Layer, options: ReadOptions): Promise<ImageMetadata> {
  const facts = await probeTree(layer)
  const architecture = facts.architecture ?? options.architecture
  if (!architecture) {
    throw new IngotError(
      'bad-input',
      `${layer.name}: its architecture is not known: there is no program /bin/sh to tell it`,
      {
        hint: 'Say it with --architecture (x86_64, aarch64 …).',
      },
    )
  }
  return { ...emptyMetadata(architecture), properties: releaseProperties(facts.osRelease) }
}

/** LXD's properties from os-release's fields. */
export function releaseProperties(release: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const version = release.get('VERSION_ID')
  const properties = {
    os: release.get('ID'),
    release: release.get('VERSION_CODENAME') || version,
    version,
    variant: release.get('VARIANT_ID'),
    description: release.get('PRETTY_NAME'),
  }
  return Object.fromEntries(Object.entries(properties).filter((pair): pair is [string, string] => Boolean(pair[1])))
}
