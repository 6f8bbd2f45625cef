import { findBuilt } from '../build/built.ts'
import { findLayer } from '../build/cache/layer-cache.ts'
import { prepareBuild } from '../build/plan.ts'
import { loadRecipe } from '../recipe/load.ts'
import { renderTable } from './text.ts'

/** Prints what a build of a recipe would do, without doing it. */
export async function showPlan(path: string, homePath: string, format: 'table' | 'json'): Promise<void> {
  const recipe = loadRecipe(path)
  const prepared = await prepareBuild(recipe, homePath)
  const { home, plan: planned } = prepared
  const steps = []
  for (const { number, title, key } of planned.layers) {
    const kept = await findLayer(home.layers, key)
    steps.push({ number, title, key, cached: kept !== undefined, bytes: kept?.bytes })
  }
  const built = await findBuilt(recipe, prepared)
  const plan = {
    name: recipe.name,
    steps,
    outputs: recipe.outputs,
    ...(built?.fingerprint !== undefined && { fingerprint: built.fingerprint }),
  }
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`)
  const rows = steps.map(({ number, title, key, cached }) => [
    String(number),
    cached ? 'done before' : 'to do',
    key.slice(0, 12),
    title,
  ])
  process.stdout.write(`${recipe.name}\n${renderTable(['STEP', 'STATE', 'LAYER', 'WHAT'], rows)}`)
  if (built?.fingerprint) process.stdout.write(`built before: ${built.fingerprint.slice(0, 12)}\n`)
  for (const { format: name, variant, compression } of recipe.outputs) {
    const how = [
      variant,
      compression && `${compression.kind}${compression.level === undefined ? '' : `:${compression.level}`}`,
    ]
    const given = how.filter(Boolean).join(', ')
    process.stdout.write(`output: ${name}${given ? ` (${given})` : ''}\n`)
  }
}
