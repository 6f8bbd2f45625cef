import { join } from 'node:path'
import { IngotError, messageOf } from '../image/error.ts'
import { check, type Origin, wrongAt } from './check.ts'
import { expand, holds, type Variables } from './expressions.ts'
import { type Feature, featureSchema, optionValuesSchema } from './feature.ts'
import { isMap } from './is-map.ts'
import { readSource, type Source } from './source.ts'

/** A value that knows where it is written. */
export interface Written {
  readonly value: unknown
  readonly origin: Origin
}

/** A step with such a key uses the feature in that folder. */
const featureKey = /^\.{1,2}\//
const fileName = 'feature.yaml'
const maxSteps = 10_000

export interface Expanded {
  readonly steps: readonly Written[]
  /** The files of the features that were used. */
  readonly sources: readonly Source[]
}

/** Steps, with those of features in the place of what uses them. Throws 'usage' telling where, and as readSource. */
export function expandSteps(steps: readonly Written[]): Expanded {
  const expanded: Written[] = []
  const features = new Map<string, { source: Source; feature: Feature }>()

  function add(step: Written, users: readonly string[]): void {
    const use = featureUse(step.value)
    if (use === undefined) {
      if (expanded.length === maxSteps) throw wrongAt(step.origin, `more than ${maxSteps} steps`)
      expanded.push(step)
      return
    }
    const origin = { source: step.origin.source, path: [...step.origin.path, use.key] }
    const folder = join(origin.source.folder, use.key)
    if (users.includes(folder))
      throw wrongAt(origin, `features that use each other: ${[...users, folder].join(' → ')}`, true)
    const { source, feature } = read(folder, origin)
    const variables = check(optionValuesSchema(feature), use.options, (path) => ({
      source: origin.source,
      path: [...origin.path, ...path],
    }))
    for (const [index, { if: condition, ...own }] of feature.steps.entries()) {
      const at = { source, path: ['steps', index] }
      if (condition !== undefined && !isWanted(condition, variables, at)) continue
      add({ value: substitute(own, variables, at), origin: at }, [...users, folder])
    }
  }

  function read(folder: string, user: Origin): { source: Source; feature: Feature } {
    const known = features.get(folder)
    if (known) return known
    let source: Source
    try {
      source = readSource(join(folder, fileName))
    } catch (error) {
      if (!(error instanceof IngotError && error.code === 'not-found')) throw error
      throw wrongAt(user, `there is no feature in this folder: ${error.message}`, true)
    }
    const feature = check(featureSchema, source.value, (path) => ({ source, path }))
    features.set(folder, { source, feature })
    return { source, feature }
  }

  for (const step of steps) add(step, [])
  return { steps: expanded, sources: [...features.values()].map(({ source }) => source) }
}

function featureUse(step: unknown): { key: string; options: unknown } | undefined {
  if (!isMap(step)) return undefined
  const [first, ...others] = Object.entries(step)
  return first && others.length === 0 && featureKey.test(first[0])
    ? { key: first[0], options: first[1] ?? {} }
    : undefined
}

function isWanted(condition: unknown, variables: Variables, at: Origin): boolean {
  const origin = { source: at.source, path: [...at.path, 'if'] }
  if (typeof condition === 'boolean') return condition
  if (typeof condition === 'string' && condition.startsWith('${{'))
    return holds(inPlace(origin, () => expand(condition, variables)))
  throw wrongAt(origin, "expected a condition, like ${{ option }} or ${{ option == 'text' }}")
}

function substitute(value: unknown, variables: Variables, at: Origin): unknown {
  if (typeof value === 'string') return inPlace(at, () => expand(value, variables))
  const inside = (part: string | number): Origin => ({ source: at.source, path: [...at.path, part] })
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => {
      const replaced = substitute(item, variables, inside(index))
      // A list that stands for an item of a list is its items.
      return typeof item === 'string' && Array.isArray(replaced) ? (replaced as unknown[]) : [replaced]
    })
  }
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, variables, inside(key))]))
}

function inPlace<T>(origin: Origin, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw wrongAt(origin, messageOf(error))
  }
}
