// `npm run docs`: writes the generated pages. test/docs.test.ts fails when they are out of date.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedDocs } from '../test/support/generated-docs.ts'

for (const [name, text] of await generatedDocs()) writeFileSync(join(import.meta.dirname, '..', name), text)
