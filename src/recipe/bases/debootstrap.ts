import { z } from 'zod'
import { strictMap, text } from '../fields.ts'
import { packageName } from '../steps/packages.ts'

/** A fresh bootstrap of a distribution. */
export interface DebootstrapBase {
  readonly kind: 'debootstrap'
  readonly distribution: 'debian'
  readonly suite: string
  /** URL of the archive; undefined: the bootstrap program's own default. */
  readonly mirror: string | undefined
  readonly components: readonly string[]
  readonly variant: (typeof variants)[number]
  /** Keyring file, relative to the recipe's folder; undefined: the host's own. */
  readonly keyring: string | undefined
  /** Installed with the base system. */
  readonly packages: readonly string[]
}

const variants = ['minbase', 'apt', 'important', 'standard', 'essential', 'required', 'buildd'] as const
const suitePattern = /^(debian)\/([a-z][a-z0-9-]*)$/
const suiteExpected = 'expected debian/SUITE, like debian/bookworm'
const suite = z.string().regex(suitePattern, suiteExpected)

export const debootstrapForm = strictMap({
  debootstrap: suite.describe('debian/SUITE'),
  mirror: z
    .string()
    .regex(/^(https?|file|copy):\/\/\S+$/, 'expected the URL of an archive, like https://HOST/debian')
    .optional(),
  components: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected the name of a component, like main'))
    .min(1, 'must not be empty')
    .default(['main']),
  variant: z.enum(variants, { error: () => `expected one of ${variants.join(', ')}` }).default('minbase'),
  keyring: text.optional(),
  packages: z.array(packageName).default([]),
}).transform((value): DebootstrapBase => {
  const { debootstrap: name, ...rest } = value
  return { kind: 'debootstrap', ...parseSuite(name), ...rest, mirror: value.mirror, keyring: value.keyring }
})

export function shortDebootstrap(rest: string): DebootstrapBase | string {
  return suitePattern.test(rest) ? debootstrapForm.parse({ debootstrap: rest }) : suiteExpected
}

function parseSuite(name: string): Pick<DebootstrapBase, 'distribution' | 'suite'> {
  const match = suitePattern.exec(name)!
  return { distribution: match[1] as 'debian', suite: match[2]! }
}
