import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { testFolder } from '../../test-root.ts'
import { withActive } from './logical-volume.ts'

// The words that LVM is told, to programs of its names: a device mapper is not everywhere.

const folder = testFolder()
const volumes = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/ingot-test-') : folder
const device = join(volumes, 'vg-lv')
afterAll(() => rmSync(volumes, { recursive: true, force: true }))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(device, { force: true })
})

function fakeLvm(known: boolean): string {
  const bin = join(folder, known ? 'known' : 'unknown')
  mkdirSync(bin, { recursive: true })
  const said = join(bin, 'said')
  writeFileSync(said, '')
  const programs = {
    lvs: `exit ${known ? 0 : 5}`,
    lvchange: `echo "$@" >> ${said}; if [ "$2" = y ]; then echo > ${device}; else rm ${device}; fi`,
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  return said
}

test.skipIf(volumes === folder)(
  'a volume that is not active is so only meanwhile, also when the work fails',
  async () => {
    const said = fakeLvm(true)
    expect(await withActive(device, async () => existsSync(device))).toBe(true)
    expect(existsSync(device)).toBe(false)
    await expect(withActive(device, async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(existsSync(device)).toBe(false)
    const both = `--activate y --ignoreactivationskip ${device}\n--activate n ${device}\n`
    expect(readFileSync(said, 'utf8')).toBe(both + both)
  },
)

test('one that is active stays so', async () => {
  const said = fakeLvm(true)
  writeFileSync(device, '')
  await withActive(device, async () => undefined)
  expect(existsSync(device)).toBe(true)
  expect(readFileSync(said, 'utf8')).toBe('')
})

test('what is no volume is not there', async () => {
  fakeLvm(false)
  await expect(withActive(device, async () => undefined)).rejects.toMatchObject({ code: 'not-found' })
})
