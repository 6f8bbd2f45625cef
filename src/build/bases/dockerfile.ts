import { basename, dirname, join, resolve } from 'node:path'
import { removeTree } from '../../host/remove-tree.ts'
import { ociPlatform, platformText } from '../../image/platform.ts'
import type { DockerfileBase } from '../../recipe/bases/dockerfile.ts'
import { fileDigest } from '../cache/content.ts'
import { contextDigest } from './dockerfile/context.ts'
import type { BaseBuilder } from './types.ts'

/** What a container engine builds of a Dockerfile, with its layers. */
export const dockerfileBase: BaseBuilder<DockerfileBase> = {
  title: ({ file, target }) => `dockerfile ${file}${target === undefined ? '' : `, stage ${target}`}`,

  /** What registries have now does not count, nor what RUN fetches: a base is used until it is made anew on request. */
  async identity(base, { recipeFolder, home }) {
    const { file, context } = pathsOf(base, recipeFolder)
    return [await fileDigest(file, home.digests), await contextDigest(context, file, home.digests)]
  },

  async fill(base, context) {
    const { buildWith, chooseEngine, engines } = await import('./dockerfile/engines.ts')
    const { openImage } = await import('../../formats/pour.ts')
    const { fillFromImage } = await import('./tree.ts')
    const { architecture, work, log, anew } = context
    const name = await chooseEngine(base.engine)
    const archive = join(work, 'dockerfile.tar')
    const platform = base.platform ?? (architecture && platformText(ociPlatform(architecture)))
    const build = {
      ...pathsOf(base, context.recipeFolder),
      args: base.args,
      target: base.target,
      platform,
      anew,
      name: `localhost/ingot:${basename(work)}`,
      work,
    }
    log.emit({ type: 'note', message: `built by ${name}` })
    await buildWith(name, build, archive, log)
    const { image } = await openImage(`${engines[name].saved}:${archive}`)
    const result = await fillFromImage(image, context)
    await removeTree(archive) // what came of it is kept
    return result
  },
}

function pathsOf({ file, context }: DockerfileBase, recipeFolder: string): { file: string; context: string } {
  const path = resolve(recipeFolder, file)
  return { file: path, context: context === undefined ? dirname(path) : resolve(recipeFolder, context) }
}
