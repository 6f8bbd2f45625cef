import { nearest } from '../layers/nearest.ts'

/** ` (did you mean "packages"?)` for a word that somebody typed, or nothing when none of the candidates is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates)
  return meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`
}
