import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { pour } from '../../src/formats/pour.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { item, type TreeItem, tortureTree, treeImage } from './trees.ts'

/** A folder of a test file's own that goes with it. */
export function ownFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ingot-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A new store, closed when the work is done. */
export async function withStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(path)
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

/** Small images that differ in one file. */
export function smallTree(mark: string): readonly TreeItem[] {
  return [...tortureTree, item({ path: 'zz-mark', type: 'file' }, mark)]
}

/** Writes a small image in some format; returns the reference by which it is imported. */
export async function writeImage(folder: string, mark: string, to = 'rootfs', variant?: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const out = join(folder, `${mark}-${to}-${variant ?? ''}`)
  const image = treeImage(smallTree(mark), { properties: { os: 'debian', release: 'bookworm' } }, [`${mark}:1`])
  const rendition = await pour([image], { to, out, variant, warn: () => {} })
  if (to === 'oci' || to === 'dir') return `${to}:${out}`
  const paths = rendition.files.map((file) => file.path).join(',')
  return `${to === 'docker' ? 'docker-archive' : to}:${paths}`
}
