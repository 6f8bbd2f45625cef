import { displayBytes } from '../image/bytes.ts'
import type { SystemImage } from '../image/system-image.ts'
import { flatten } from '../layers/flatten.ts'
import { installedPackages } from '../layers/installed-packages.ts'
import { usageOf } from '../layers/usage.ts'
import { warn } from './run-pour.ts'
import { formatBytes, renderTable } from './text.ts'

/** What `ingot image tree --format json` prints; bytes are of files' contents. */
export interface UsageDescription {
  readonly bytes: number
  readonly wasted: number
  readonly layers: readonly {
    readonly diffId?: string
    /** As it is stored. */
    readonly stored?: number
    readonly createdBy?: string
    readonly entries: number
    readonly bytes: number
    readonly wasted: number
    readonly deleted: number
  }[]
  readonly folders: readonly { readonly path: string; readonly bytes: number; readonly files: number }[]
  /** As large as their package manager says. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly bytes: number }[]
}

const mostShown = 20

export async function describeUsage(image: SystemImage, depth: number): Promise<UsageDescription> {
  const usage = await usageOf(image.layers, depth)
  const { history } = await image.metadata()
  const filled = history.filter((entry) => !entry.empty_layer)
  const layers = image.layers.map((layer, index) => {
    const createdBy = filled.length === image.layers.length ? filled[index]?.created_by : undefined
    return {
      ...(layer.diffId ? { diffId: layer.diffId } : {}),
      ...(layer.blob ? { stored: layer.blob.size } : {}),
      ...(createdBy ? { createdBy } : {}),
      ...usage.layers[index]!,
    }
  })
  const folders = usage.folders
    .slice(0, mostShown)
    .map((folder) => ({ ...folder, path: `/${displayBytes(folder.path)}` }))
  const packages = (await installedPackages(flatten(image.layers, image.source), warn))
    .map(({ name, version, installedSize }) => ({ name, version, bytes: installedSize ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
    .slice(0, mostShown)
  return { bytes: usage.bytes, wasted: layers.reduce((sum, layer) => sum + layer.wasted, 0), layers, folders, packages }
}

/** The same for people. */
export function renderUsage(usage: UsageDescription): string {
  const layers = usage.layers.map((layer, index) => [
    String(index + 1),
    formatBytes(layer.bytes),
    layer.stored === undefined ? '' : formatBytes(layer.stored),
    layer.wasted === 0 ? '' : formatBytes(layer.wasted),
    String(layer.entries),
    layer.createdBy?.replace(/\s+/g, ' ').slice(0, 80) ?? '',
  ])
  const folders = usage.folders.map(({ path, bytes, files }) => [path, formatBytes(bytes), String(files)])
  const packages = usage.packages.map(({ name, version, bytes }) => [name, formatBytes(bytes), version])
  const share = usage.bytes === 0 ? 0 : Math.round((100 * usage.wasted) / (usage.bytes + usage.wasted))
  const sum = `${formatBytes(usage.bytes)} of files; ${formatBytes(usage.wasted)} (${share} %) wasted in lower layers\n`
  return `${renderTable(['LAYER', 'SIZE', 'STORED', 'WASTED', 'ENTRIES', 'MADE BY'], layers)}${sum}\n${renderTable(['FOLDER', 'SIZE', 'FILES'], folders)}${packages.length === 0 ? '' : `\n${renderTable(['PACKAGE', 'SIZE', 'VERSION'], packages)}`}`
}
