import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeTree, removeTreeSync } from './remove-tree.ts'
import { temporaryFolder } from './temporary.ts'

let base: string
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'temporary-test-'))
})
afterAll(() => rmSync(base, { recursive: true }))

/** Starts a program that makes a temporary folder with something in it and a child, says their names, and then does `body`. */
async function startProgram(body: string): Promise<{ program: ChildProcess; folder: string; child: number }> {
  const host = import.meta.dirname
  const source = `
    import { readdirSync, writeFileSync } from 'node:fs'
    import { installSignalHandlers, registerTemporary, temporaryFolder } from '${host}/temporary.ts'
    import { streamFrom } from '${host}/pipe.ts'
    import { liveChildren } from '${host}/children.ts'
    installSignalHandlers()
    const folder = await temporaryFolder()
    writeFileSync(folder.path + '/file', 'x')
    registerTemporary(folder.path + '-single')
    writeFileSync(folder.path + '-single', 'x')
    const child = streamFrom('sh', ['-c', process.env.CHILD ?? 'echo up; exec sleep 1000'])
    await child.next()
    console.log(JSON.stringify({ folder: folder.path, files: readdirSync(folder.path), child: liveChildren()[0].pid }))
    ${body}
  `
  const program = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, INGOT_TMPDIR: base },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(createInterface(program.stdout!), 'line')
  const { folder, files, child } = JSON.parse(String(line))
  expect(files).toEqual(['file'])
  return { program, folder, child }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }))
  } catch {
    return false
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s removes everything and stops the children', async (signal, status) => {
  const { program, folder, child } = await startProgram('setInterval(() => {}, 1000)')
  program.kill(signal)
  const [code] = await once(program, 'exit')
  expect(code).toBe(status)
  expect(existsSync(folder)).toBe(false)
  expect(existsSync(`${folder}-single`)).toBe(false)
  expect(isAlive(child)).toBe(false)
})

test.each([
  ['an exception', "setTimeout(() => { throw new Error('bug') }, 1); setInterval(() => {}, 1000)", 1],
  ['an unhandled rejection', "void Promise.reject(new Error('bug')); setInterval(() => {}, 1000)", 1],
  ['process.exit', 'process.exit(5)', 5],
])('%s removes everything and ends the children', async (_, body, status) => {
  const { program, folder, child } = await startProgram(body)
  const [code] = program.exitCode === null ? await once(program, 'exit') : [program.exitCode]
  expect(code).toBe(status)
  expect(existsSync(folder)).toBe(false)
  expect(existsSync(`${folder}-single`)).toBe(false)
  expect(isAlive(child)).toBe(false)
})

test('children are ended where nothing temporary is', async () => {
  const source = `
    import { streamFrom } from '${import.meta.dirname}/pipe.ts'
    import { liveChildren } from '${import.meta.dirname}/children.ts'
    await streamFrom('sh', ['-c', 'echo up; exec sleep 1000']).next()
    console.log(liveChildren()[0].pid)
    process.exit(0)
  `
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  expect(Number(said)).toBeGreaterThan(1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isAlive(Number(said))).toBe(false)
})

test('a second signal does not wait for a child that will not stop', async () => {
  process.env.CHILD = "trap '' TERM; echo up; while :; do sleep 0.1; done"
  try {
    const { program, folder, child } = await startProgram('setInterval(() => {}, 1000)')
    program.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(program.exitCode).toBe(null)
    program.kill('SIGTERM')
    const [code] = await once(program, 'exit')
    expect(code).toBe(143)
    expect(existsSync(folder)).toBe(false)
    expect(isAlive(child)).toBe(false)
  } finally {
    delete process.env.CHILD
  }
})

test('a folder is private, and remove may be called twice', async () => {
  const folder = await temporaryFolder({ in: base, prefix: 'mine-' })
  expect(folder.path).toMatch(new RegExp(`^${base}/mine-`))
  expect(statSync(folder.path).mode & 0o777).toBe(0o700)
  await folder.remove()
  await folder.remove()
  expect(existsSync(folder.path)).toBe(false)
  await expect(temporaryFolder({ in: join(base, 'none') })).rejects.toMatchObject({ code: 'not-found' })
})

test.each([
  ['removeTree', removeTree],
  ['removeTreeSync', async (path: string) => removeTreeSync(path)],
])('%s: odd names go, links are not followed', async (name, remove) => {
  const folder = join(base, name)
  const kept = join(base, `${name}-kept`)
  mkdirSync(kept)
  writeFileSync(join(kept, 'file'), 'x')
  mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true })
  writeFileSync(Buffer.from(`${folder}/deep/odd\xff\xe9`, 'latin1'), 'x')
  mkdirSync(Buffer.from(`${folder}/odd\xff folder`, 'latin1'))
  symlinkSync(kept, join(folder, 'link'))
  await remove(folder)
  expect(existsSync(folder)).toBe(false)
  expect(readdirSync(kept)).toEqual(['file'])
  const link = join(base, `${name}-link`)
  symlinkSync(kept, link)
  await remove(link)
  expect(readdirSync(kept)).toEqual(['file'])
  await remove(join(base, 'not there'))
})

test.skipIf(process.getuid?.() === 0 && !existsSync('/usr/bin/setpriv'))(
  'folders without permissions are opened up',
  () => {
    const folder = mkdtempSync(join(base, 'closed-'))
    mkdirSync(join(folder, 'a', 'b'), { recursive: true })
    writeFileSync(join(folder, 'a', 'b', 'c'), 'x')
    const source = `
    import { chmodSync, existsSync } from 'node:fs'
    import { removeTree } from '${import.meta.dirname}/remove-tree.ts'
    chmodSync('${folder}/a/b', 0o000); chmodSync('${folder}/a', 0o555)
    await removeTree('${folder}/a')
    process.exit(existsSync('${folder}/a') ? 1 : 0)
  `
    const node = [process.execPath, '--input-type=module', '-e', source]
    if (process.getuid?.() !== 0) execFileSync(node[0]!, node.slice(1))
    else {
      chmodSync(base, 0o755)
      execFileSync('chown', ['-R', '65534:65534', folder])
      execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...node])
    }
  },
)

test.skipIf(process.getuid?.() !== 0)('what is mounted inside is left alone (needs root)', async ({ skip }) => {
  const folder = join(base, 'with mount')
  const point = join(folder, 'mounted here')
  const outside = join(base, 'outside')
  mkdirSync(point, { recursive: true })
  mkdirSync(outside)
  writeFileSync(join(outside, 'precious'), 'x')
  try {
    execFileSync('mount', ['--bind', outside, point], { stdio: 'ignore' })
  } catch {
    skip('mounting is not allowed here')
    return
  }
  try {
    await expect(removeTree(folder)).rejects.toThrow(`something is mounted on ${point}`)
    expect(() => removeTreeSync(folder)).toThrow('mounted')
    expect(readdirSync(outside)).toEqual(['precious'])
  } finally {
    execFileSync('umount', [point])
  }
  await removeTree(folder)
  expect(existsSync(folder)).toBe(false)
})
