import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The folders of the control groups that a process is in, the root groups left out; none when it has ended. For a
 * process of an LXC container it is the container's group, in which its systemd has made more.
 */
export function cgroupsOf(pid: number | 'self'): string[] {
  let lines: string[]
  try {
    lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
  } catch {
    return []
  }
  return lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const group = path.replace(/(\/lxc\.(?:payload|monitor)\.[^/]+)\/.*$/, '$1')
    return group === '/' || group === '' ? [] : rootsOf(controllers).map((root) => join(root, group))
  })
}

/** Removes groups that are empty, with the empty groups in them and those they are the last of. Returns those that stay. */
export function removeCgroups(folders: ReadonlySet<string>): string[] {
  const roots = cgroupMounts().map(({ point }) => point)
  for (const folder of folders) {
    removeEmpty(folder)
    for (let up = join(folder, '..'); !roots.includes(up) && up !== '/'; up = join(up, '..')) if (!remove(up)) break
  }
  return [...folders].filter((folder) => existsSync(folder))
}

function removeEmpty(folder: string): void {
  let children: string[] = []
  try {
    children = readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []))
  } catch {
    return // gone already
  }
  for (const child of children) removeEmpty(join(folder, child))
  remove(folder)
}

/** False when a group stays, because something is in it. */
function remove(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

function rootsOf(controllers: string): string[] {
  const wanted = controllers.split(',').sort().join()
  return cgroupMounts().flatMap((mount) => (mount.controllers === wanted ? [mount.point] : []))
}

/** Mounted hierarchies; `controllers` in order, empty for version 2. */
function cgroupMounts(): { point: string; controllers: string }[] {
  const lines = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n')
  return lines.flatMap((line) => {
    const [, point = '', type, options = ''] = line.split(' ')
    if (type === 'cgroup2') return [{ point, controllers: '' }]
    if (type !== 'cgroup') return []
    const known = new Set(['rw', 'ro', 'nosuid', 'nodev', 'noexec', 'relatime', 'xattr', 'clone_children'])
    const names = options.split(',').filter((word) => !known.has(word) && !word.startsWith('release_agent='))
    return [{ point, controllers: names.sort().join() }]
  })
}
