import { expect, test } from 'vitest'
import { cleanOperations } from './clean-operations.ts'
import { planCleaning } from './clean-plan.ts'

function names(preset: string, on: string[] = [], off: string[] = []): string[] {
  return planCleaning({ preset, on, off }).map(({ name }) => name)
}

test('presets', () => {
  expect(names('standard')).toEqual(cleanOperations.map(({ name }) => name))
  expect(names('none')).toEqual([])
  expect(names('minimal')).toEqual(cleanOperations.filter(({ minimal }) => minimal).map(({ name }) => name))
  expect(names('minimal')).toContain('ssh-host-keys')
  expect(names('minimal')).not.toContain('var-log')
})

test('single operations on and off, in their own order; off wins', () => {
  expect(names('none', ['var-log', 'machine-id'])).toEqual(['machine-id', 'var-log'])
  expect(names('standard', [], ['var-log'])).not.toContain('var-log')
  expect(names('none', ['run'], ['run'])).toEqual([])
})

test('a name that does not exist is refused, with the nearest that does', () => {
  const refused = (part: string) => expect.objectContaining({ code: 'usage', message: expect.stringContaining(part) })
  expect(() => names('standart')).toThrow(refused('did you mean "standard"?)'))
  expect(() => names('none', ['machine_id'])).toThrow(refused('did you mean "machine-id"?)'))
  expect(() => names('none', [], ['var-logs'])).toThrow(refused('did you mean "var-log"?)'))
  expect(() => names('none', ['completely-else'])).toThrow(refused('"completely-else"'))
})

test('names are unique', () => {
  expect(new Set(cleanOperations.map(({ name }) => name)).size).toBe(cleanOperations.length)
})
