import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { shellWord } from '../../src/image/shell-word.ts'
import { formatRecipe } from '../../src/recipe/format.ts'
import { loadRecipe } from '../../src/recipe/load.ts'
import { bin, ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

const folder = ownFolder('recipe-init')

test('without a terminal the defaults count, and what is said', async () => {
  const file = join(folder, 'said.yaml')
  const args = ['--name', 'lab/server', '--user', 'lab', '--packages', 'vim', 'git', '--to', 'proxmox', 'docker']
  const { status, stdout, stderr } = await ingot(['recipe', 'init', file, ...args])
  expect(status, stderr).toBe(0)
  expect(stdout.toString()).toBe(`${file}: next is \`ingot build ${file}\`\n`)
  const recipe = loadRecipe(file)
  expect(recipe).toMatchObject({ name: 'lab/server', outputs: [{ format: 'proxmox' }, { format: 'docker' }] })
  expect(recipe.steps[0]).toMatchObject({
    kind: 'packages',
    value: { install: expect.arrayContaining(['vim', 'git', 'sudo']) },
  })
  const text = readFileSync(file, 'utf8')
  expect(formatRecipe(text, file)).toBe(text)
})

test('not a system: nothing but what was asked for', async () => {
  const file = join(folder, 'plain.yaml')
  await ingot(['recipe', 'init', file, '--no-system', '--from', 'rootfs:a.tar', '--yes'])
  expect(loadRecipe(file)).toMatchObject({ from: { kind: 'rootfs', file: 'a.tar' }, steps: [], tests: [] })
})

test('a file that is there stays, and a wrong answer is said', async () => {
  const file = join(folder, 'there.yaml')
  writeFileSync(file, 'mine')
  expect((await ingot(['recipe', 'init', file])).status).toBe(4)
  expect(readFileSync(file, 'utf8')).toBe('mine')
  const { status, stderr } = await ingot(['recipe', 'init', file, '--force', '--from', 'debootstrp:debian/12'])
  expect([status, stderr]).toEqual([2, expect.stringContaining('did you mean "debootstrap"')])
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('on a terminal it asks, again where the answer is no good', async () => {
  const file = join(folder, 'asked.yaml')
  const command = [bin, 'recipe', 'init', file, '--no-system'].map(shellWord).join(' ')
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'])
  let screen = ''
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
  })
  const ended = new Promise<number | null>((resolve) => terminal.on('close', resolve))
  const answer = async (question: string, text: string) => {
    await vi.waitFor(() => expect(screen).toContain(question), { timeout: 10_000, interval: 20 })
    screen = ''
    terminal.stdin.write(`${text}\r`)
  }
  await answer('Name of the image [debian/12]', '-bad')
  await answer('expected a name of letters', 'good')
  await answer('What it starts from', 'scratch')
  await answer('More packages', '')
  await answer('A user with sudo', 'not a name')
  await answer('A user with sudo', '')
  await answer('Formats [lxd docker proxmox]', 'rootfs, oci')
  expect(await ended).toBe(0)
  expect(loadRecipe(file)).toMatchObject({
    name: 'good',
    from: { kind: 'scratch' },
    steps: [],
    outputs: [{ format: 'rootfs' }, { format: 'oci' }],
  })
})
