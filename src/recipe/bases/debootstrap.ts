import { z } from 'zod'
import { strictMap, text } from '../fields.ts'
import { packageName } from '../steps/packages.ts'

/** A fresh bootstrap of a distribution. */
export interface DebootstrapBase {
  readonly kind: 'debootstrap'
  readonly distribution: DebianLike
  readonly suite: string
  /** URL of the archive, or of the folder of its snapshots; undefined: the distribution's own. */
  readonly mirror: string | undefined
  /** The moment of the archive that is wanted, as snapshot services name it: `20261101T000000Z`. */
  readonly snapshot: string | undefined
  readonly components: readonly string[]
  readonly variant: (typeof variants)[number]
  /** Keyring file, relative to the recipe's folder; undefined: the host's own. */
  readonly keyring: string | undefined
  /** Installed with the base system. */
  readonly packages: readonly string[]
}

export type DebianLike = keyof typeof suites

/** Suites that people may take for those of another of these distributions. Others may be named: there will be more. */
const suites = {
  debian: 'jessie stretch buster bullseye bookworm trixie forky duke stable testing unstable sid'.split(' '),
  ubuntu: 'trusty xenial bionic focal jammy noble oracular plucky questing resolute devel'.split(' '),
  devuan:
    'jessie ascii beowulf chimaera daedalus excalibur freia ceres oldstable stable testing unstable experimental'.split(
      ' ',
    ),
}

const defaultComponents: Readonly<Record<DebianLike, readonly string[]>> = {
  debian: ['main'],
  ubuntu: ['main', 'universe'], // what Debian's main is made of
  devuan: ['main'],
}

const variants = ['minbase', 'apt', 'important', 'standard', 'essential', 'required', 'buildd'] as const
const suitePattern = /^(debian|ubuntu|devuan)\/([a-z][a-z0-9-]*)$/
const suiteExpected = 'expected debian/SUITE, ubuntu/SUITE or devuan/SUITE, like debian/bookworm'
const suite = z
  .string()
  .regex(suitePattern, suiteExpected)
  .transform((name, context) => {
    const parsed = parseSuite(name)
    if (typeof parsed !== 'string') return parsed
    context.addIssue({ code: 'custom', message: parsed })
    return z.NEVER
  })

const snapshot = z.string().transform((date, context) => {
  const found = parseSnapshot(date)
  if (found !== undefined) return found
  context.addIssue({
    code: 'custom',
    message: 'expected a date, like 2026-11-01, or a time, like 2026-11-01T12:00:00Z',
  })
  return z.NEVER
})

export const debootstrapForm = strictMap({
  debootstrap: suite.describe('debian/SUITE, ubuntu/SUITE or devuan/SUITE'),
  mirror: z
    .string()
    .regex(/^(https?|file|copy):\/\/\S+$/, 'expected the URL of an archive, like https://HOST/debian')
    .optional(),
  snapshot: snapshot.optional().describe('The archive as it was then: a date, or a time in UTC'),
  components: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected the name of a component, like main'))
    .min(1, 'must not be empty')
    .optional(),
  variant: z.enum(variants, { error: () => `expected one of ${variants.join(', ')}` }).default('minbase'),
  keyring: text.optional(),
  packages: z.array(packageName).default([]),
})
  .refine((value) => !(value.debootstrap.distribution === 'devuan' && value.snapshot && !value.mirror), {
    error: 'nobody keeps snapshots of devuan for everybody: name a mirror that does',
    path: ['snapshot'],
  })
  .transform(
    ({ debootstrap: name, ...rest }): DebootstrapBase => ({
      kind: 'debootstrap',
      ...name,
      mirror: rest.mirror,
      snapshot: rest.snapshot,
      components: rest.components ?? defaultComponents[name.distribution],
      variant: rest.variant,
      keyring: rest.keyring,
      packages: rest.packages,
    }),
  )

export function shortDebootstrap(rest: string): DebootstrapBase | string {
  const parsed = parseSuite(rest)
  return typeof parsed === 'string' ? parsed : debootstrapForm.parse({ debootstrap: rest })
}

/** What is wrong with it, or the two parts. */
function parseSuite(name: string): Pick<DebootstrapBase, 'distribution' | 'suite'> | string {
  const match = suitePattern.exec(name)
  if (match === null) return suiteExpected
  const [distribution, word] = [match[1] as DebianLike, match[2]!]
  const others = Object.entries(suites).filter(([, known]) => known.includes(word))
  if (others.length === 0 || suites[distribution].includes(word)) return { distribution, suite: word }
  return `${word} is a suite of ${others[0]![0]}: ${others[0]![0]}/${word}`
}

/** `2026-11-01`, `2026-11-01T12:00:00Z` and `20261101T120000Z` in the last of these forms; undefined for what is no time. */
function parseSnapshot(date: string): string | undefined {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)Z)?$/.exec(date)
  if (match === null) return undefined
  const [year, month, day, hour = '00', minute = '00', second = '00'] = match.slice(1)
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const time = new Date(iso)
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) return undefined
  return iso.replace(/[-:]|\.000/g, '')
}
