import type { Architecture } from './platform.ts'

/** How a container of this image is run (OCI image-spec config.md). Absent = not said. */
export interface RunConfig {
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  /** `KEY=value` */
  readonly env?: readonly string[]
  /** `user|uid[:group|gid]` */
  readonly user?: string
  readonly workdir?: string
  /** `8080/tcp` */
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  /** `SIGTERM`, `SIGRTMIN+3` or a number in text. */
  readonly stopSignal?: string
  /** Docker's health check, passed on as it is; intervals in nanoseconds. */
  readonly healthcheck?: Healthcheck
  readonly onBuild?: readonly string[]
  readonly shell?: readonly string[]
}

export interface Healthcheck {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** A file that LXD renders inside an instance (LXD image format, `templates`). */
export interface LxdTemplate {
  /** Absolute path in the instance. */
  readonly target: string
  readonly when: readonly string[]
  readonly createOnly?: boolean
  /** File name inside `templates/`. */
  readonly template: string
  readonly properties?: Readonly<Record<string, string>>
  /** Incus only: numeric ids as text, octal mode as text. */
  readonly uid?: string
  readonly gid?: string
  readonly mode?: string
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

export interface ImageMetadata {
  readonly architecture: Architecture
  /** Seconds since the epoch, as LXD counts. Undefined when the source does not say. */
  readonly created?: number
  /** Seconds since the epoch. */
  readonly expires?: number
  /** LXD's free properties; `os`, `release`, `variant`, `description`, `serial`, `version`, `name` … live here. */
  readonly properties: Readonly<Record<string, string>>
  readonly run: RunConfig
  readonly templates: readonly LxdTemplate[]
  /** Contents of the template files by name. */
  readonly templateFiles: ReadonlyMap<string, Buffer>
  readonly history: readonly HistoryEntry[]
  readonly author?: string
  /** OCI manifest annotations. */
  readonly annotations: Readonly<Record<string, string>>
}

/** Metadata that says nothing but the architecture. */
export function emptyMetadata(architecture: Architecture): ImageMetadata {
  return {
    architecture,
    properties: {},
    run: {},
    templates: [],
    templateFiles: new Map(),
    history: [],
    annotations: {},
  }
}
