import { z } from 'zod'
import { didYouMean } from '../image/suggest.ts'

/** A map that takes these keys and no others; an unknown key gets a message that names the nearest known one. */
export function strictMap<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined
      const { keys } = issue as unknown as { keys: readonly string[] }
      return keys
        .map((key) => `unknown key ${JSON.stringify(key)}${didYouMean(key, known) || expectedOneOf(known)}`)
        .join('\n')
    },
  })
}

function expectedOneOf(known: readonly string[]): string {
  return `; expected ${known.length > 1 ? 'one of ' : ''}${known.join(', ')}`
}

/** One of several words; another word gets a message that names the nearest. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, {
    error: (issue) =>
      typeof issue.input === 'string'
        ? `${JSON.stringify(issue.input)} is not known${didYouMean(issue.input, words)}; expected ${words.join(', ')}`
        : undefined,
  })
}

/** Text that is not empty and has no NUL in it. */
export const text = z
  .string()
  .min(1, 'must not be empty')
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character')

/** An absolute path inside the image, without `..`. */
export const imagePath = text
  .refine((path) => path.startsWith('/'), 'expected an absolute path inside the image, like /etc/motd')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..')

/** Permission bits in octal, as text: YAML would read 0644 as the decimal number 644. */
export const mode = z
  .string()
  .regex(/^0?[0-7]{3,4}$/, 'expected permissions in octal, in quotes, like "0644"')
  .transform((digits) => Number.parseInt(digits, 8))

/** `user`, `user:group`, `uid:gid`. */
export const owner = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
    'expected USER or USER:GROUP, by name or number',
  )

/** Text by name. */
export const textMap = z.record(text, z.string())

export const environment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and _ in its name'),
  z.string(),
)

/** What a variable or an option may be. */
export const plainValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

/** Values of `${{ … }}` by name. */
export const variables = z.record(
  z.string().regex(/^[A-Za-z_][\w-]*$/, 'a variable has letters, digits, - and _ in its name'),
  plainValue,
)
