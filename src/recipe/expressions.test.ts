import { expect, test } from 'vitest'
import { expand, holds } from './expressions.ts'

const variables = { user: 'lab', count: 3, sudo: true, empty: '', list: ['a', 'b'], none: [] }

test.each([
  ['plain text, $HOME and ${HOME}', 'plain text, $HOME and ${HOME}'],
  ['/home/${{ user }}/${{count}}', '/home/lab/3'],
  ['${{ list }}', ['a', 'b']],
  ['${{ count }}', 3],
  ['apt install ${{ list }}', 'apt install a b'],
  ["${{ user == 'lab' }}", true],
  ["${{ user != 'lab' }}", false],
  ['${{ count == 3 }}', true],
  ['${{ sudo == true }}', true],
  ['${{ !sudo }}', false],
  ["${{ '${{' }} user }}", '${{ user }}'],
  ["${{ '}}' }}", '}}'],
])('%s', (text, value) => {
  expect(expand(text, variables)).toEqual(value)
})

test.each([
  ['${{ usr }}', 'there is no usr (did you mean "user"?)'],
  ['${{ quite_another }}', 'there is no quite_another: there is user, count, sudo, empty, list, none'],
  ['${{ a b }}', '${{ a b }} is no expression; expected name, !name'],
  ["${{ !user == 'a' }}", 'is no expression'],
  ['see ${{ user', '${{ user … is no expression: it is not closed by }}'],
  ["${{ user == 'a }}", 'is no expression'],
])('%s is refused', (text, message) => {
  expect(() => expand(text, variables)).toThrow(message)
})

test('what is empty does not hold', () => {
  expect(
    Object.entries(variables)
      .filter(([, value]) => holds(value))
      .map(([name]) => name),
  ).toEqual(['user', 'count', 'sudo', 'list'])
})

test('a hostile text takes no time', () => {
  expect(() => expand('${{'.repeat(300_000), {})).toThrow('is not closed')
})
