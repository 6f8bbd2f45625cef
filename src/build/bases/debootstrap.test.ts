import { expect, test } from 'vitest'
import { parseRecipe } from '../../recipe/load.ts'
import { debootstrapBase } from './debootstrap.ts'

function absorbed(steps: string): { readonly packages: readonly string[]; readonly left: readonly string[] } {
  const recipe = parseRecipe(
    `name: a\nfrom: { debootstrap: debian/bookworm, packages: [less] }\nsteps:\n${steps}\n`,
    'r.yaml',
  )
  if (recipe.from.kind !== 'debootstrap') throw new Error('another base')
  const { base, steps: left } = debootstrapBase.absorb!(recipe.from, recipe.steps)
  return { packages: base.packages, left: left.map((step) => step.kind) }
}

test('leading lists of packages become part of the bootstrap', () => {
  expect(
    absorbed('  - packages: [sudo, less]\n  - packages: { install: [vim] }\n  - run: x\n  - packages: [later]'),
  ).toEqual({
    packages: ['less', 'sudo', 'vim'],
    left: ['run', 'packages'],
  })
})

test('a recipe of nothing but packages has no steps left', () => {
  expect(absorbed('  - packages: [sudo]')).toEqual({ packages: ['less', 'sudo'], left: [] })
})

test.each([
  ['removals', '  - packages: { install: [a], remove: [b] }'],
  ['recommended packages', '  - packages: { install: [a], recommends: true }'],
  ['another step', '  - run: x\n  - packages: [a]'],
])('%s stay steps', (_, steps) => {
  expect(absorbed(steps).packages).toEqual(['less'])
})
