import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTinyRoot, sandboxMissing } from '../../src/build/test-root.ts'
import { ingot } from '../support/ingot.ts'
import { ownFolder } from '../support/store.ts'

const folder = ownFolder('build-attachments')

interface Document {
  readonly subject?: { readonly digest: string }
  readonly artifactType?: string
  readonly layers?: readonly { readonly digest: string }[]
}

describe.skipIf(sandboxMissing)('what comes with an image', () => {
  mkdirSync(join(folder, 'tiny'))
  makeTinyRoot(join(folder, 'tiny'))
  mkdirSync(join(folder, 'tiny/var/lib/dpkg'), { recursive: true })
  writeFileSync(
    join(folder, 'tiny/var/lib/dpkg/status'),
    'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n',
  )
  writeFileSync(
    join(folder, 'ingot.yaml'),
    'name: lab\nfrom: dir:tiny\nsteps: [{ write: { path: /a, content: a } }]\noutputs: [oci, oci-archive, rootfs]\n',
  )
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  const json = (path: string) => JSON.parse(read(path))

  async function build(home: string, out: string, ...more: string[]): Promise<string> {
    const { status, stderr } = await ingot([
      ...['build', folder, '--home', join(folder, home), '-o', join(folder, out)],
      ...more,
    ])
    expect(status, stderr).toBe(0)
    return stderr
  }

  test('SBOMs and provenance, beside the files and in the layout, the same each time', async () => {
    await build('one', 'out', '--sbom', '--provenance')
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([
      ...['lab.cdx.json', 'lab.manifest', 'lab.oci', 'lab.oci.tar', 'lab.provenance.json', 'lab.rootfs.tar.zst'],
      'lab.spdx.json',
    ])
    expect(read('out/lab.manifest')).toBe('bash\t5.2\tamd64\n')
    expect(json('out/lab.cdx.json').components.map(({ name }: { name: string }) => name)).toContain('bash')
    expect(json('out/lab.spdx.json').spdxVersion).toBe('SPDX-2.3')

    const { manifests } = json('out/lab.oci/index.json')
    const documents = manifests.map(
      ({ digest }: { digest: string }): Document => json(`out/lab.oci/blobs/${digest.replace(':', '/')}`),
    )
    const image = manifests[0].digest as string
    expect(documents.slice(1).map(({ artifactType, subject }: Document) => [artifactType, subject?.digest])).toEqual([
      ['application/vnd.cyclonedx+json', image],
      ['application/spdx+json', image],
      ['application/vnd.in-toto+json', image],
    ])
    const statement = json(`out/lab.oci/blobs/${documents[3].layers[0].digest.replace(':', '/')}`)
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'lab', digest: { sha256: image.slice(7) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: { recipe: 'ingot.yaml' },
          internalParameters: { steps: [{ title: 'dir tiny' }, { title: 'write: /a' }] },
          resolvedDependencies: [
            { name: 'recipe', uri: 'ingot.yaml', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
            { name: 'base', uri: 'dir tiny', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
            { name: 'bwrap', annotations: { version: expect.stringMatching(/^\d/) } },
          ],
        },
      },
    })
    expect(json('out/lab.provenance.json').subject.map(({ name }: { name: string }) => name)).toEqual([
      ...['lab', 'lab', 'lab.oci.tar', 'lab.rootfs.tar.zst'],
    ])

    await build('two', 'again', '--sbom', '--provenance')
    for (const name of ['lab.cdx.json', 'lab.spdx.json', 'lab.provenance.json', 'lab.oci/index.json'])
      expect(read(join('again', name))).toBe(read(join('out', name)))
  })

  test('the store knows where an image comes from without being asked, and SBOMs when it was', async () => {
    const attached = async () => {
      const { stdout, status } = await ingot([
        'image',
        'attachments',
        'lab',
        '--home',
        join(folder, 'three'),
        '--format',
        'json',
      ])
      expect(status).toBe(0)
      return JSON.parse(stdout.toString()).map(({ type }: { type: string }) => type)
    }
    await build('three', 'plain')
    expect(await attached()).toEqual(['application/vnd.in-toto+json'])
    expect(json('plain/lab.oci/index.json').manifests).toHaveLength(1)
    expect(await build('three', 'plain')).toContain('nothing has changed')
    await build('three', 'plain', '--sbom', '--force')
    expect(await attached()).toEqual([
      'application/spdx+json',
      'application/vnd.cyclonedx+json',
      'application/vnd.in-toto+json',
    ])
    expect(await build('three', 'plain', '--sbom')).toContain('nothing has changed')
    const { stdout } = await ingot(['image', 'attachments', 'lab', 'spdx', '--home', join(folder, 'three')])
    expect(stdout.toString()).toBe(read('plain/lab.spdx.json'))
  })
})
