import { join, resolve } from 'node:path'
import { IngotError } from '../image/error.ts'
import { check, type Origin, wrongAt } from './check.ts'
import type { DocumentPath } from './document.ts'
import { expandSteps, type Written } from './expand-steps.ts'
import { includeSchema } from './include.ts'
import { isMap } from './is-map.ts'
import { readSource, type Source } from './source.ts'

/** A recipe with all that it includes, not checked yet. */
export interface Assembled {
  readonly value: unknown
  /** The files that it was put together of, the recipe's own among them. */
  readonly sources: readonly Source[]
  /** Where a value of it is written; of what is not there, the nearest thing around it. */
  originOf(path: DocumentPath): Origin
}

/** Lists of several files are one list, in the order in which they are included. */
const joined = ['steps', 'tests', 'templates']
/** Maps of several files are one map. */
const merged = ['config', 'properties']

/**
 * Puts a recipe together: what it includes comes first, and what it says itself goes over that; steps that use a feature are the
 * feature's. A file that is included twice counts once. Throws 'usage' telling where, and as readSource.
 */
export function assemble(recipe: Source): Assembled {
  const value: Record<string, unknown> = {}
  const origins = new Map<string, Origin>()
  const put = (path: DocumentPath, origin: Origin) => origins.set(JSON.stringify(path), origin)
  const lists = new Map<string, Written[]>()

  const sources = [...withIncluded(recipe)]
  for (const source of sources) {
    if (!isMap(source.value)) continue
    for (const [key, own] of Object.entries(source.value)) {
      const origin = { source, path: [key] }
      if (joined.includes(key) && Array.isArray(own)) {
        const items = own.map((item: unknown, index) => ({ value: item, origin: { source, path: [key, index] } }))
        lists.set(key, [...(lists.get(key) ?? []), ...items])
      } else if (merged.includes(key) && isMap(own)) {
        value[key] = mergeMaps(value[key], own, origin, [key], put)
      } else if (key !== 'include') {
        value[key] = own
        put([key], origin)
      }
    }
  }
  for (const [key, items] of lists) {
    const expanded = key === 'steps' ? expandSteps(items) : { steps: items, sources: [] }
    sources.push(...expanded.sources)
    const list = expanded.steps
    value[key] = list.map((item) => item.value)
    for (const [index, { origin }] of list.entries()) put([key, index], origin)
  }

  function originOf(path: DocumentPath): Origin {
    for (let length = path.length; length > 0; length--) {
      const origin = origins.get(JSON.stringify(path.slice(0, length)))
      if (origin) return { source: origin.source, path: [...origin.path, ...path.slice(length)] }
    }
    return { source: recipe, path }
  }

  return { value: isMap(recipe.value) ? value : recipe.value, sources, originOf }
}

function mergeMaps(
  below: unknown,
  own: Record<string, unknown>,
  origin: Origin,
  path: DocumentPath,
  put: (path: DocumentPath, origin: Origin) => void,
): Record<string, unknown> {
  const all = isMap(below) ? { ...below } : {}
  for (const [key, item] of Object.entries(own)) {
    const at = { source: origin.source, path: [...origin.path, key] }
    if (isMap(item)) {
      all[key] = mergeMaps(all[key], item, at, [...path, key], put)
    } else {
      all[key] = item
      put([...path, key], at)
    }
  }
  return all
}

/** A recipe and what it includes, each once, and after what it includes itself. */
function withIncluded(recipe: Source): readonly Source[] {
  const sources = new Map<string, Source>()

  function add(source: Source, file: string, users: readonly string[]): void {
    const given = isMap(source.value) ? source.value.include : undefined
    const names =
      given === undefined ? [] : check(includeSchema, given, (path) => ({ source, path: ['include', ...path] }))
    for (const [index, name] of names.entries()) {
      const origin = { source, path: typeof given === 'string' ? ['include'] : ['include', index] }
      const path = join(source.folder, name)
      if (path === file || users.includes(path))
        throw wrongAt(origin, `files that include each other: ${[...users, file, path].join(' → ')}`)
      if (!sources.has(path)) add(readIncluded(path, origin), path, [...users, file])
    }
    sources.set(file, source)
  }

  add(recipe, resolve(recipe.file), [])
  return [...sources.values()]
}

function readIncluded(path: string, origin: Origin): Source {
  try {
    const source = readSource(path)
    if (isMap(source.value)) return source
  } catch (error) {
    if (!(error instanceof IngotError && error.code === 'not-found')) throw error
    throw wrongAt(origin, error.message)
  }
  throw wrongAt(origin, `${path} is no map of keys`)
}
