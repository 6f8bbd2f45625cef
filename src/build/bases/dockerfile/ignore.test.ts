import { expect, test } from 'vitest'
import { parseIgnores } from './ignore.ts'

function left(text: string, paths: readonly string[]): readonly string[] {
  const { ignores } = parseIgnores(text)
  return paths.filter((path) => !ignores(path))
}

// The examples of the Dockerfile reference, and what moby's own tests of its matcher say.
test.each([
  ['*/temp*', ['temp', 'a/temp', 'a/temporary.txt', 'a/b/temp'], ['temp', 'a/b/temp']],
  ['*/*/temp*', ['a/temp', 'a/b/temporary'], ['a/temp']],
  ['temp?', ['tempa', 'tempb', 'temp', 'tempab'], ['temp', 'tempab']],
  ['**/*.go', ['a.go', 'a/b.go', 'a/b/c.go', 'a.goo'], ['a.goo']],
  ['*.md\n!README.md', ['a.md', 'README.md', 'b/a.md'], ['README.md', 'b/a.md']],
  ['*.md\n!README*.md\nREADME-secret.md', ['README.md', 'README-secret.md'], ['README.md']],
  ['*\n!src', ['a', 'src', 'src/a/b'], ['src', 'src/a/b']],
  ['node_modules', ['node_modules/a/b', 'a/node_modules/b'], ['a/node_modules/b']],
  ['/foo/../bar/ ', ['bar/x', 'foo'], ['foo']],
  ['# a comment\n\n  \n.', ['a'], ['a']],
  ['**', ['a', 'a/b'], []],
  ['a/**', ['a', 'a/b', 'a/b/c'], ['a']],
  ['a/**/b', ['a/b', 'a/x/y/b', 'ab'], ['ab']],
  ['c++/(1)', ['c++/(1)', 'ccc/1'], ['ccc/1']],
  ['[a-c]x', ['ax', 'dx'], ['dx']],
  ['[^a-c]x', ['ax', 'dx'], ['ax']],
  ['\\*x', ['*x', 'ax'], ['ax']],
  ['A', ['a', 'A'], ['a']],
  ['[z-a]', ['a'], ['a']],
])('%j', (text, paths, expected) => {
  expect(left(text, paths)).toEqual(expected)
})

test('exceptions are told', () => {
  expect(parseIgnores('a\n!a/b').exceptions).toBe(true)
  expect(parseIgnores('a\n#!b').exceptions).toBe(false)
})
