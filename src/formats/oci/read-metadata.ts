import { IngotError } from '../../image/error.ts'
import type { Healthcheck, HistoryEntry, ImageMetadata, RunConfig } from '../../image/metadata.ts'
import type { Architecture } from '../../image/platform.ts'
import { configArchitecture, type HistoryDocument, type ImageConfig, type RunConfigDocument } from './config.ts'
import { readLxdAnnotations } from './lxd-annotations.ts'
import { readProperties } from './properties.ts'

export interface MetadataSource {
  readonly config: ImageConfig
  /** Of the manifest. */
  readonly annotations: Readonly<Record<string, string>>
  /** For messages. */
  readonly subject: string
  /** Architecture when the configuration says none. */
  readonly architecture?: Architecture | undefined
}

/** What an OCI or Docker image says about itself. Throws as configArchitecture, and 'bad-input' for a `created` that is no time. */
export function readMetadata(source: MetadataSource): ImageMetadata {
  const { config, annotations, subject } = source
  const run = readRunConfig(config.config ?? {})
  const created = readTime(config.created, `${subject}: created`)
  return {
    architecture: configArchitecture(config, subject, source.architecture),
    ...(created === undefined ? {} : { created }),
    properties: readProperties(annotations, run.labels ?? {}),
    run,
    ...readLxdAnnotations(annotations, subject),
    history: (config.history ?? []).map(readHistory),
    ...(config.author ? { author: config.author } : {}),
    annotations,
  }
}

/** Whole seconds; Go's zero time (year 1) means that nothing was said. */
function readTime(text: string | null | undefined, subject: string): number | undefined {
  if (!text) return undefined
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new IngotError('bad-input', `${subject}: ${JSON.stringify(text)} is not a time`)
  return text.startsWith('0001-01-01T') ? undefined : Math.floor(milliseconds / 1000)
}

function readRunConfig(config: RunConfigDocument): RunConfig {
  const list = <K extends string>(key: K, values: readonly string[] | null | undefined) =>
    (values && values.length > 0 ? { [key]: values } : {}) as Partial<Record<K, readonly string[]>>
  const keys = <K extends string>(key: K, values: Record<string, unknown> | null | undefined) =>
    list(key, Object.keys(values ?? {}).sort())
  return {
    ...list('entrypoint', config.Entrypoint),
    ...list('cmd', config.Cmd),
    ...list('env', config.Env),
    ...(config.User ? { user: config.User } : {}),
    ...(config.WorkingDir ? { workdir: config.WorkingDir } : {}),
    ...keys('ports', config.ExposedPorts),
    ...keys('volumes', config.Volumes),
    ...(config.Labels && Object.keys(config.Labels).length > 0 ? { labels: config.Labels } : {}),
    ...(config.StopSignal ? { stopSignal: config.StopSignal } : {}),
    ...(config.Healthcheck ? { healthcheck: present<Healthcheck>(config.Healthcheck) } : {}),
    ...list('onBuild', config.OnBuild),
    ...list('shell', config.Shell),
  }
}

function readHistory(entry: HistoryDocument): HistoryEntry {
  return present<HistoryEntry>(entry)
}

/** Without the fields that are null or absent. */
function present<T extends object>(fields: { readonly [K in keyof T]?: T[K] | null | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as T
}
