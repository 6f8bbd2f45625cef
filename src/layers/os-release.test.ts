import { expect, test } from 'vitest'
import { parseOsRelease } from './os-release.ts'

test('plain, single and double quotes, escapes', () => {
  const text = [
    'ID=debian',
    'VERSION_ID="12"',
    'NAME=\'Debian $x "GNU"\'',
    'PRETTY_NAME="A \\"quoted\\" \\$name \\`x\\` \\\\ \\n"',
    'BUG=a\\ b',
    'EMPTY=',
    'QUOTED_EMPTY=""',
  ].join('\n')
  expect(Object.fromEntries(parseOsRelease(text))).toEqual({
    ID: 'debian',
    VERSION_ID: '12',
    NAME: 'Debian $x "GNU"',
    PRETTY_NAME: 'A "quoted" $name `x` \\ \\n',
    BUG: 'a b',
    EMPTY: '',
    QUOTED_EMPTY: '',
  })
})

test('comments, blank lines, carriage returns and what is no assignment are passed over; the last one wins', () => {
  const text = '# ID=no\r\n\r\n  ID=alpine \r\nexport X=1\n1X=2\nno assignment\nID=void'
  expect(Object.fromEntries(parseOsRelease(text))).toEqual({ ID: 'void' })
})

test('a value that is text in UTF-8, and one with an equals sign', () => {
  expect(parseOsRelease('NAME="Линукс"\nURL=https://x/?a=b').get('NAME')).toBe('Линукс')
  expect(parseOsRelease('URL=https://x/?a=b').get('URL')).toBe('https://x/?a=b')
})

test('a long run of blanks costs no more than its length', () => {
  const begin = performance.now()
  expect(parseOsRelease(`A=x${' '.repeat(200_000)}y`).get('A')).toHaveLength(200_002)
  expect(performance.now() - begin).toBeLessThan(2000)
})
