import { expect, test } from 'vitest'
import { recipeJsonSchema } from './json-schema.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
  readonly additionalProperties?: unknown
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly type?: string
}

const schema = recipeJsonSchema() as Schema

test('says what must be written, not what comes out of defaults', () => {
  expect(schema.required).toEqual(['name', 'from'])
  expect(schema.additionalProperties).toBe(false)
})

test('a step is one of the known kinds', () => {
  const step = schema.properties?.steps?.items
  expect(Object.keys(step?.properties ?? {})).toEqual([
    'packages',
    'run',
    'copy',
    'write',
    'symlink',
    'remove',
    'user',
    'group',
    'capabilities',
    'augeas',
    'enable',
    'mask',
    'hostname',
    'timezone',
    'env',
  ])
  expect(step).toMatchObject({ additionalProperties: false, minProperties: 1, maxProperties: 1 })
  expect(step?.properties?.run?.anyOf?.map((form) => form.type)).toEqual(['string', 'object'])
})

test('editors can complete formats and variants of bases', () => {
  const formats = schema.properties?.outputs?.items?.anyOf?.[0]?.enum
  expect(formats).toContain('lxd')
  const debootstrap = schema.properties?.from?.anyOf?.find((form) => form.properties?.debootstrap)
  expect(debootstrap?.properties?.variant?.enum).toContain('minbase')
})
