import { findBuilt } from '../build/built.ts'
import { findLayer } from '../build/cache/layer-cache.ts'
import { prepareBuild } from '../build/plan.ts'
import { hostArchitecture } from '../image/platform.ts'
import { loadRecipeOf } from './load-recipe.ts'
import { outputFiles, outputText, stemOf } from './output-files.ts'
import { print } from './print.ts'
import { renderTable } from './text.ts'

/** Prints what a build of a recipe would do, without doing it. */
export async function showPlan(path: string, homePath: string, format: 'table' | 'json'): Promise<void> {
  const recipe = await loadRecipeOf(path, homePath)
  const prepared = await prepareBuild(recipe, homePath)
  const { home, plan: planned } = prepared
  const steps = []
  for (const { number, title, key } of planned.layers) {
    const kept = await findLayer(home.layers, key)
    steps.push({ number, title, key, cached: kept !== undefined, bytes: kept?.bytes })
  }
  const built = await findBuilt(recipe, prepared)
  const stem = stemOf(recipe.name)
  const plan = {
    name: recipe.name,
    architecture: recipe.architecture ?? hostArchitecture(),
    steps,
    outputs: recipe.outputs.map((output) => ({ ...output, files: outputFiles(stem, output) })),
    ...(built?.fingerprint !== undefined && { fingerprint: built.fingerprint }),
  }
  if (format === 'json') return print(`${JSON.stringify(plan, null, 2)}\n`)
  const before = built?.fingerprint ? `, built before: ${built.fingerprint.slice(0, 12)}` : ''
  const rows = steps.map(({ number, title, key, cached }) => [
    String(number),
    cached ? 'done before' : 'to do',
    key.slice(0, 12),
    title,
  ])
  print(`${plan.name}, ${plan.architecture}${before}\n${renderTable(['STEP', 'STATE', 'LAYER', 'WHAT'], rows)}`)
  if (plan.outputs.length === 0) return
  const outputs = plan.outputs.map((output) => [outputText(output), output.files.join(', ')])
  print(`\n${renderTable(['OUTPUT', 'FILES'], outputs)}`)
}
