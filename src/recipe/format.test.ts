import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatRecipe } from './format.ts'

test('one order, one indentation; comments stay where they belong', () => {
  const text = `# A recipe.

steps:
- packages:   [a,b]   # two of them
- run: |
    echo one
    # not a comment of YAML's
    echo two

# Where it starts.
from: scratch
name:   "x"
unknown: 1
`
  const formatted = `# A recipe.

name: "x"

# Where it starts.
from: scratch
steps:
  - packages: [ a, b ] # two of them
  - run: |
      echo one
      # not a comment of YAML's
      echo two
unknown: 1
`
  expect(formatRecipe(text, 'r.yaml')).toBe(formatted)
})

test('the example has this form, and what has it stays as it is', () => {
  const path = join(import.meta.dirname, '../../examples/debian/ingot.yaml')
  const text = readFileSync(path, 'utf8')
  expect(formatRecipe(text, path)).toBe(text)
})

test('what is no YAML is refused', () => {
  expect(() => formatRecipe('a: [', 'r.yaml')).toThrow('r.yaml: ')
})
