import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contest } from './measure.ts'
import { once } from './measure.ts'

const packages = ['openssh-server', 'sudo', 'less']

/** Builds from nothing and again, beside the tools that people would use for each. */
export async function buildContests(work: string, ingot: string): Promise<readonly Contest[]> {
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
    rootfs(folder, ingot, {
      label: 'debootstrap, tar --zstd',
      packages,
      command: (out) =>
        `sh -c 'debootstrap --variant=minbase --include=${packages.join(',')} bookworm ${out}.root && tar --zstd -C ${out}.root -cf ${out} .'`,
    }),
    rootfs(folder, ingot, {
      // It brings systemd whether one wants it or not; it runs without a system bus when it keeps to its own unit.
      label: 'mkosi 14',
      packages: [...packages, 'systemd', 'systemd-sysv', 'dbus', 'libpam-systemd'],
      command: (out) =>
        `sh -c 'cd ${folder} && mkosi -d debian -r bookworm -t tar --compress-output=zstd --nspawn-keep-unit -o ${out} ${packages.map((name) => `--package ${name}`).join(' ')} build'`,
    }),
    await onTop(folder, ingot),
    await rebuild(folder, ingot),
  ]
}

interface Builder {
  readonly label: string
  readonly packages: readonly string[]
  /** Makes a zstd tar of the root file system. */
  command(out: string): string
}

/** From nothing to a rootfs. */
function rootfs(folder: string, ingot: string, builder: Builder): Contest {
  const name = builder.label.split(/\W/)[0]!
  const own = join(folder, name)
  mkdirSync(own)
  const [home, out] = [join(own, 'home'), join(own, 'out.tar')]
  writeFileSync(
    join(own, 'ingot.yaml'),
    `name: bench\nfrom: debootstrap:debian/bookworm\nsteps:\n  - packages: [${builder.packages.join(', ')}]\noutputs: [rootfs]\n`,
  )
  return {
    job: `recipe → rootfs .tar.zst: Debian with ${builder.packages.join(', ')}, from nothing, packages downloaded`,
    most: 1,
    runs: 3,
    ours: {
      label: 'ingot build',
      command: `${ingot} build ${own} --home ${home} --no-store -o ${own}/out --progress json`,
    },
    peer: { label: builder.label, command: builder.command(out) },
    reset: `sh -c 'rm -rf ${home} ${own}/out ${out}*'`,
    output: `${out}.none`,
  }
}

/** Packages on top of a root file system that is there, into an OCI layout. */
async function onTop(folder: string, ingot: string): Promise<Contest> {
  const own = join(folder, 'on-top')
  mkdirSync(own)
  await once(`mmdebstrap --quiet --variant=apt bookworm ${own}/base.tar`)
  writeFileSync(
    join(own, 'ingot.yaml'),
    `name: bench\nfrom: rootfs:base.tar\nsteps:\n  - packages: [${packages.join(', ')}]\noutputs: [oci]\n`,
  )
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`
  writeFileSync(join(own, 'Dockerfile'), `FROM scratch\nADD base.tar /\nRUN ${install}\n`)
  const [home, out] = [join(own, 'home'), join(own, 'out')]
  const storage = `--root ${own}/storage --runroot ${own}/runroot --storage-driver overlay`
  const bud = `buildah ${storage} bud --layers --isolation chroot -q -t bench ${own} && buildah ${storage} push -q bench oci:${out}/oci:bench`
  return {
    job: `rootfs + ${packages.join(', ')} → OCI layout, packages downloaded`,
    most: 1,
    runs: 3,
    ours: {
      label: 'ingot build',
      command: `${ingot} build ${own} --home ${home} --no-store -o ${out} --progress json`,
    },
    peer: { label: 'buildah bud, push', command: `sh -c '${bud}'` },
    reset: `sh -c 'buildah ${storage} rmi -af >/dev/null 2>&1; rm -rf ${home} ${out} && mkdir ${out}'`,
    output: `${out}.none`,
  }
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
    most: 1,
    mostSeconds: 0.2,
    ours: { label: 'ingot build', command: build },
    peer: { label: 'buildah bud --layers', command: bud },
    reset: 'true',
    output: `${folder}/none`,
  }
}
