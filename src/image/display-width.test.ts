import { expect, test } from 'vitest'
import { displayWidth } from './display-width.ts'

test('wide characters take two columns, marks none', () => {
  expect(displayWidth('镜像')).toBe(4)
  expect(displayWidth('e\u0301')).toBe(1)
  expect(displayWidth('plain ~')).toBe(7)
  expect(displayWidth('，（一）。')).toBe(10)
  expect(displayWidth('한국어')).toBe(6)
  expect(displayWidth('한국어'.normalize('NFD'))).toBe(6)
  expect(displayWidth('😀✅⌚ é\x1b\u200d')).toBe(8)
  expect(displayWidth('🇩🇪')).toBe(2)
  expect(displayWidth('𠀀☎')).toBe(3)
})
