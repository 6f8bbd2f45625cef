import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contest } from './measure.ts'
import { once } from './measure.ts'

const packages = ['openssh-server', 'sudo', 'less']

/** Builds from nothing and again, beside the tools that people would use for each. */
export async function buildContests(
  work: string,
  ingot: string,
): Promise<readonly (Contest & { readonly runs?: number })[]> {
  const folder = join(work, 'build')
  mkdirSync(folder)
  const recipe = join(folder, 'ingot.yaml')
  writeFileSync(
    recipe,
    `name: bench\nfrom: debootstrap:debian/bookworm\nsteps:\n  - packages: [${packages.join(', ')}]\noutputs:\n  - { format: lxd, compression: zstd:3 }\n`,
  )
  const [home, out] = [join(folder, 'home'), join(folder, 'out')]
  const bootstrap = `mmdebstrap --quiet --variant=minbase --include=${packages.join(',')} bookworm ${out}.tar`
  const pack = `mksquashfs - ${out}.squashfs -tar -comp zstd -Xcompression-level 3 -no-progress -quiet < ${out}.tar`
  const build = `${ingot} build ${recipe} --home ${home} --no-store -o ${out}.d --progress json`
  return [
    {
      job: `recipe → LXD split image: Debian with ${packages.join(', ')}, from nothing, packages downloaded`,
      most: 1.15,
      runs: 3,
      ours: { label: 'ingot build', command: build },
      peer: { label: 'mmdebstrap, mksquashfs', command: `sh -c '${bootstrap} && ${pack}'` },
      reset: `sh -c 'rm -rf ${home} ${out}.tar ${out}.squashfs ${out}.d'`,
      output: `${out}.none`,
    },
    await rebuild(folder, ingot),
  ]
}

/** Ten steps of which none changed. */
async function rebuild(folder: string, ingot: string): Promise<Contest> {
  const [tree, home] = [join(folder, 'tree'), join(folder, 'again')]
  const root = join(tree, 'root')
  mkdirSync(join(root, 'bin'), { recursive: true })
  await once(`sh -c 'cp /bin/busybox ${root}/bin/busybox && ln -s busybox ${root}/bin/sh'`)
  await once(`tar -C ${root} -cf ${tree}/root.tar .`)
  const numbers = Array.from({ length: 10 }, (_, n) => n)
  for (const n of numbers) writeFileSync(join(tree, `file-${n}`), String(n))
  const steps = numbers.map((n) => `  - copy: { from: file-${n}, to: /file-${n} }\n`).join('')
  writeFileSync(join(tree, 'ingot.yaml'), `name: again\nfrom: rootfs:root.tar\nsteps:\n${steps}`)
  const copies = numbers.map((n) => `COPY file-${n} /file-${n}\n`).join('')
  writeFileSync(join(tree, 'Dockerfile'), `FROM scratch\nADD root.tar /\n${copies}`)
  const storage = `--root ${folder}/storage --runroot ${folder}/runroot --storage-driver overlay`
  const build = `${ingot} build ${tree} --home ${home}`
  const bud = `buildah ${storage} bud --layers --isolation chroot -q -t again ${tree}`
  await once(build)
  await once(bud)
  return {
    job: 'build again with nothing changed, ten steps',
    most: 2,
    ours: { label: 'ingot build', command: build },
    peer: { label: 'buildah bud --layers', command: bud },
    reset: 'true',
    output: `${folder}/none`,
  }
}
