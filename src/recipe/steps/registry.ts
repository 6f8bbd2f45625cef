import { z } from 'zod'
import { environment, strictMap } from '../fields.ts'
import type { Place } from '../place.ts'
import { augeasSchema } from './augeas.ts'
import { capabilitiesSchema } from './capabilities.ts'
import { copySchema } from './copy.ts'
import { groupSchema } from './group.ts'
import { hostnameSchema } from './hostname.ts'
import { packagesSchema } from './packages.ts'
import { removeSchema } from './remove.ts'
import { runSchema } from './run.ts'
import { symlinkSchema } from './symlink.ts'
import { timezoneSchema } from './timezone.ts'
import { unitsSchema } from './units.ts'
import { userSchema } from './user.ts'
import { writeSchema } from './write.ts'

/** Every kind of step and the form of its value. What each does is in build/steps. */

/** An item of the recipe's list of steps: exactly one key, its kind. */
export const stepSchemas = {
  packages: packagesSchema,
  run: runSchema,
  copy: copySchema,
  write: writeSchema,
  symlink: symlinkSchema,
  remove: removeSchema,
  user: userSchema,
  group: groupSchema,
  capabilities: capabilitiesSchema,
  augeas: augeasSchema,
  enable: unitsSchema,
  mask: unitsSchema,
  hostname: hostnameSchema,
  timezone: timezoneSchema,
  env: environment,
} as const

export type StepKind = keyof typeof stepSchemas

/** The value of one kind of step, defaults filled in. */
export type StepValue<Kind extends StepKind> = z.output<(typeof stepSchemas)[Kind]>

export type StepOf<Kind extends StepKind> = {
  readonly kind: Kind
  readonly value: StepValue<Kind>
  readonly place: Place
}

export type Step = { [Kind in StepKind]: StepOf<Kind> }[StepKind]

type Unplaced<S> = S extends Step ? Omit<S, 'place'> : never
/** A step that does not know its place yet. */
export type StepItem = Unplaced<Step>

const item = strictMap(
  Object.fromEntries(Object.entries(stepSchemas).map(([kind, schema]) => [kind, schema.optional()])),
)

// Features are no steps any more when this is asked, but editors have to know their keys.
const written = item.meta({
  minProperties: 1,
  maxProperties: 1,
  patternProperties: { '^\\.{1,2}/': { type: ['object', 'null'] } },
})

/** An item of the recipe's list of steps: exactly one key, its kind. */
export const stepSchema = written.transform((value, context): StepItem => {
  if (context.issues.length > 0) return z.NEVER // an unknown kind was reported already
  const given = Object.entries(value).filter(([, content]) => content !== undefined)
  if (given.length !== 1) {
    context.addIssue({
      code: 'custom',
      message: `a step has exactly one key, one of ${Object.keys(stepSchemas).join(', ')}; found ${given.length === 0 ? 'none' : given.map(([key]) => key).join(' and ')}`,
    })
    return z.NEVER
  }
  const [kind, content] = given[0]!
  return { kind, value: content } as StepItem
})
