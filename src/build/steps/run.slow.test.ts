import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sandboxMissing } from '../test-root.ts'
import { stepTester } from './test-steps.ts'

const { doSteps } = stepTester()

describe.skipIf(sandboxMissing)(`run${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`, () => {
  test('a script changes the image, and stops at the first failure', async () => {
    const { root } = await doSteps('  - run: |\n      echo one > /one\n      pwd > /pwd')
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('one\n')
    expect(readFileSync(join(root, 'pwd'), 'utf8')).toBe('/\n')
    const failing = doSteps('  - run: |\n      ls /missing\n      echo not reached')
    await expect(failing).rejects.toThrow(/the script failed with exit status 2/)
  })

  test('interpreter, environment, working directory', async () => {
    const run = '{ script: "echo $A", interpreter: [/bin/sh, -u], env: { A: "1 2" }, workdir: /var }'
    expect((await doSteps(`  - run: ${run}`)).lines).toEqual(['1 2'])
    await expect(doSteps('  - run: { script: "echo $B", interpreter: /bin/sh -u }')).rejects.toThrow('exit status 2')
  })

  test('as a user of the image, with its groups and home', async () => {
    const script = 'id -u; id -g; id -G; echo $HOME $USER; touch /tmp/mine'
    const { root, lines } = await doSteps(`  - run: { script: "${script}", user: lab }`, (root) =>
      chmodSync(join(root, 'tmp'), 0o1777),
    )
    expect(lines).toEqual(['1000', '1001', '1001 29 44', '/home/lab lab'])
    expect(lstatSync(join(root, 'tmp/mine'))).toMatchObject({ uid: 1000, gid: 1001 })
    await expect(doSteps('  - run: { script: id, user: missing }')).rejects.toThrow('no user "missing"')
  })
})

describe.skipIf(sandboxMissing)(
  `what a script may have${sandboxMissing ? ` (skipped: ${sandboxMissing})` : ''}`,
  () => {
    test('no network', async () => {
      const { lines } = await doSteps(
        '  - run: { script: "cat /proc/net/dev; cat /etc/resolv.conf > /dev/null", network: none }',
      )
      const devices = lines.flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])
      expect(devices).toEqual(['lo'])
    })

    test('folders that are kept between builds and not in the image, of each user its own', async () => {
      const keep = (script: string, user = 'root') =>
        doSteps(`  - run: { script: ${JSON.stringify(script)}, caches: [/root/.cache/tool, /var], user: ${user} }`)
      const { root } = await keep('echo kept > /root/.cache/tool/a; touch /var/b; touch /made')
      expect(existsSync(join(root, 'root/.cache'))).toBe(false)
      expect(readdirSync(join(root, 'var'))).toEqual([])
      expect(existsSync(join(root, 'made'))).toBe(true)
      expect((await keep('cat /root/.cache/tool/a; ls /var')).lines).toEqual(['kept', 'b'])
      expect((await keep('ls /var; touch /var/own', 'lab')).lines).toEqual([])
      expect((await keep('ls /var', 'lab')).lines).toEqual(['own'])
    })

    test('secrets are there for the script, and neither in the image nor in the log', async () => {
      process.env.TEST_SECRET = 'correct horse\nbattery staple'
      try {
        const { root, lines } = await doSteps(
          '  - run: { script: "cat /run/secrets/*; stat -c %a:%u /run/secrets/a; id -u", secrets: [{ id: a, env: TEST_SECRET }, { id: b, file: token }], user: lab }',
          (_, recipes) => writeFileSync(join(recipes, 'token'), 'of-a-file\n'),
        )
        // The last line of the first has no end.
        expect(lines).toEqual(['***', '******', '400:1000', '1000'])
        expect(existsSync(join(root, 'run/secrets'))).toBe(false)
      } finally {
        delete process.env.TEST_SECRET
      }
      const missing = doSteps('  - run: { script: "true", secrets: [{ id: a, env: TEST_SECRET }] }')
      await expect(missing).rejects.toThrow('the secret a is wanted from the variable TEST_SECRET, which is not set')
    })

    test('files and folders of the recipe, for reading only', async () => {
      const { root, lines } = await doSteps(
        '  - run: { script: "cat /src/a /etc/one/file; touch /src/b 2>/dev/null || echo refused", bind: [{ from: src, to: /src }, { from: src/a, to: /etc/one/file }] }',
        (_, recipes) => {
          mkdirSync(join(recipes, 'src'))
          writeFileSync(join(recipes, 'src/a'), 'text\n')
        },
      )
      expect(lines).toEqual(['text', 'text', 'refused'])
      expect(existsSync(join(root, 'src'))).toBe(false)
      expect(existsSync(join(root, 'etc/one'))).toBe(false)
      await expect(doSteps('  - run: { script: "true", bind: [{ from: ../.., to: /src }] }')).rejects.toThrow('outside')
    })
  },
)
