import { two } from './time-text.ts'

/** `155.09MB`, as lxc prints sizes: the unit is 2^20 bytes whatever its name, and a tie goes to the even digit. */
export function sizeText(bytes: number): string {
  const exact = (bytes * 100) / 1_048_576
  const rounded = Math.round(exact)
  const hundredths = exact % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded
  return `${Math.floor(hundredths / 100)}.${two(hundredths % 100)}MB`
}
