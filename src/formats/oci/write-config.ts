import type { Digest } from '../../image/digest.ts'
import type { HistoryEntry, ImageMetadata, RunConfig } from '../../image/metadata.ts'
import { ociPlatform } from '../../image/platform.ts'
import { formatDocument } from './documents.ts'

/**
 * The configuration of an image (image-spec config.md), in the specification's key order with sorted maps, so that equal
 * metadata and layers give equal bytes, and so the same ImageID. Health checks, ONBUILD and SHELL are Docker's fields.
 * `created` is left out when it is not known, or outside the years 1 to 9999 that RFC 3339 can say.
 */
export function formatConfig(metadata: ImageMetadata, diffIds: readonly Digest[]): Buffer {
  const { architecture, variant, os } = ociPlatform(metadata.architecture)
  const history = fitHistory(metadata.history, diffIds.length)
  return formatDocument({
    created: formatTime(metadata.created),
    author: metadata.author,
    architecture,
    variant,
    os,
    config: formatRunConfig(metadata.run),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history.length > 0 ? history.map(formatHistory) : undefined,
  })
}

/** RFC 3339 in UTC, whole seconds. Undefined for what has no such form. */
export function formatTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined || seconds < -62135596800 || seconds > 253402300799) return undefined
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

function formatRunConfig(run: RunConfig): object {
  return {
    User: run.user,
    ExposedPorts: keySet(run.ports),
    Env: run.env,
    Entrypoint: run.entrypoint,
    Cmd: run.cmd,
    Volumes: keySet(run.volumes),
    WorkingDir: run.workdir,
    Labels: run.labels && Object.keys(run.labels).length > 0 ? sorted(run.labels) : undefined,
    StopSignal: run.stopSignal,
    Healthcheck: run.healthcheck,
    OnBuild: run.onBuild,
    Shell: run.shell,
  }
}

/**
 * History in which exactly `layers` entries are not marked empty, as Docker demands. One that counts more keeps all of
 * its entries, the surplus earliest ones marked empty (their files are in a later layer now); one that counts fewer, or
 * none, gets entries at its end: the specification lets history be absent, but buildah cannot build on such an image
 * ("history lists 2 non-empty layers, but we have 3 layers on disk").
 */
export function fitHistory(history: readonly HistoryEntry[], layers: number): readonly HistoryEntry[] {
  let toMark = history.filter((entry) => !entry.empty_layer).length - layers
  const missing = Math.max(0, -toMark)
  const fitted = history.map((entry) => {
    if (entry.empty_layer || toMark <= 0) return entry
    toMark--
    return { ...entry, empty_layer: true }
  })
  return [...fitted, ...Array<HistoryEntry>(missing).fill({ created_by: 'ingot' })]
}

function formatHistory(entry: HistoryEntry): object {
  return {
    created: entry.created,
    created_by: entry.created_by,
    author: entry.author,
    comment: entry.comment,
    empty_layer: entry.empty_layer ? true : undefined,
  }
}

function keySet(keys: readonly string[] | undefined): object | undefined {
  if (!keys || keys.length === 0) return undefined
  return Object.fromEntries([...keys].sort().map((key) => [key, {}]))
}

function sorted(record: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
