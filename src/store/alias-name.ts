import { IngotError } from '../image/error.ts'

/**
 * An alias as it may be written: like `debian/12` or `lab:2024`. Throws 'usage' for what could be taken for something else, or
 * would not survive a terminal, a URL or a shell.
 */
export function parseAlias(text: string): string {
  const problem =
    text === ''
      ? 'must not be empty'
      : text.length > 255
        ? 'must not have more than 255 characters'
        : /[\s\p{Control}\p{Format}\p{Surrogate}]/u.test(text)
          ? 'must not have spaces or control characters'
          : /^[-/]|\/$|\/\//.test(text)
            ? 'must not begin with - or /, end in /, or have an empty part'
            : undefined
  if (problem) throw new IngotError('usage', `the alias ${JSON.stringify(text)} ${problem}`)
  return text.normalize('NFC')
}
