import { readFileSync } from 'node:fs'

/**
 * What this very program has in common with no other: the digest that scripts/bundle.ts leaves beside a bundle. Undefined where the
 * sources run: they change under our hands.
 */
export function programId(): string | undefined {
  try {
    return readFileSync(new URL('../id', import.meta.url), 'utf8')
  } catch {
    return undefined
  }
}
