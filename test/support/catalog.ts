import { createHash } from 'node:crypto'
import { insertImage, moveAliases } from '../../src/store/new-image.ts'
import { openStore } from '../../src/store/store.ts'

const systems = ['debian', 'ubuntu', 'alpine', 'archlinux', 'fedora', 'gentoo']
const architectures = ['x86_64', 'aarch64', 'armv7l', 's390x'] as const

/** A store whose catalog knows so many images, with aliases and properties as image servers have them, and no blobs. */
export async function makeCatalog(home: string, images: number): Promise<void> {
  const store = await openStore(home)
  await store.exclusively((catalog) =>
    catalog.transaction().execute(async (inside) => {
      for (let i = 0; i < images; i++) {
        const os = systems[i % systems.length]!
        const architecture = architectures[i % architectures.length]!
        const release = String(8 + (i % 13))
        const fingerprint = createHash('sha256').update(`${i}`).digest('hex')
        const description = `${os} ${release} ${architecture} (default) (20261121_${i})`
        const id = await insertImage(
          inside,
          {
            files: [
              {
                kind: 'file',
                suffix: '.tar',
                name: '',
                blob: { digest: `sha256:${fingerprint}`, size: 100_000_000 + i, path: '' },
              },
            ],
            record: {
              fingerprint,
              format: 'lxd',
              variant: 'split',
              type: 'container',
              architecture,
              size: 100_000_000 + i,
              public: i % 3 === 0,
              autoUpdate: true,
              cached: i % 2 === 0,
              createdAt: 1_790_000_000 + i,
              expiresAt: undefined,
              fileName: `${os}.tar.xz`,
              source: { protocol: 'simplestreams', server: 'https://images.example', alias: `${os}/${release}` },
              properties: {
                os,
                release,
                architecture,
                description,
                variant: 'default',
                serial: `20261121_${i}`,
                type: 'squashfs',
              },
            },
          },
          1_795_000_000 + i,
        )
        const aliases = [{ name: `${os}/${release}/${i}`, description: '' }]
        await moveAliases(inside, { id, architecture, type: 'container' }, aliases, 0)
      }
    }),
  )
  store.close()
}
