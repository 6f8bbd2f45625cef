import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Entry } from '../image/entry.ts'
import { collect } from '../image/stream.ts'
import { flatten } from '../layers/flatten.ts'
import { parseRecipe } from '../recipe/load.ts'
import { type BuildOptions, type BuiltImage, buildRecipe } from './build.ts'
import type { BuildEvent } from './events.ts'
import { testFolder } from './test-root.ts'

interface Built {
  readonly image: BuiltImage
  readonly home: string
  readonly events: readonly BuildEvent[]
}

interface BuildTester {
  /** That of the recipes. */
  readonly folder: string
  newHome(): string
  /** Builds a recipe text, in a new home where none is given; the image is there until the test is done. */
  build(text: string, home?: string, more?: Partial<BuildOptions>): Promise<Built>
}

/** For the top of a test file: what it makes goes when the tests of the file are done. */
export function buildTester(): BuildTester {
  const folder = testFolder()
  const images: BuiltImage[] = []
  let homes = 0
  afterEach(async () => {
    for (const image of images.splice(0)) await image.dispose()
  })
  const newHome = () => join(folder, `home-${++homes}`)
  return {
    folder,
    newHome,
    async build(text, home = newHome(), more = {}) {
      const events: BuildEvent[] = []
      const recipe = parseRecipe(text, join(folder, 'ingot.yaml'))
      const image = await buildRecipe(recipe, { home, onEvent: (event) => events.push(event), ...more })
      images.push(image)
      return { image, home, events }
    },
  }
}

/** Every entry of an image's tree by path, with its content. */
export async function treeOf(image: BuiltImage): Promise<ReadonlyMap<string, Entry & { readonly content: string }>> {
  const tree = new Map<string, Entry & { readonly content: string }>()
  for await (const entry of flatten(image.layers).entries()) {
    tree.set(entry.path, { ...entry, content: (await collect(entry.body)).toString() })
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}
