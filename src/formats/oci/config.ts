import * as z from 'zod'
import { type Digest, parseDigest } from '../../image/digest.ts'
import { IngotError } from '../../image/error.ts'
import { type Architecture, findArchitecture, type Platform, parseArchitecture } from '../../image/platform.ts'
import { parseDocument } from './documents.ts'

const text = z.string()
const texts = z.array(text).nullish()
/** Docker's strslice: old images have one string where a list belongs. */
const words = z.union([text.transform((word) => [word]), z.array(text)]).nullish()
const keys = z.record(text, z.unknown()).nullish()

const healthcheck = z.object({
  Test: texts,
  Interval: z.int().nullish(),
  Timeout: z.int().nullish(),
  StartPeriod: z.int().nullish(),
  StartInterval: z.int().nullish(),
  Retries: z.int().nullish(),
})

const runConfig = z.object({
  User: text.nullish(),
  ExposedPorts: keys,
  Env: texts,
  Entrypoint: words,
  Cmd: words,
  Volumes: keys,
  WorkingDir: text.nullish(),
  Labels: z.record(text, text).nullish(),
  StopSignal: text.nullish(),
  Healthcheck: healthcheck.nullish(),
  OnBuild: texts,
  Shell: words,
})
export type RunConfigDocument = z.infer<typeof runConfig>

const historyEntry = z.object({
  created: text.nullish(),
  created_by: text.nullish(),
  author: text.nullish(),
  comment: text.nullish(),
  empty_layer: z.boolean().nullish(),
})
export type HistoryDocument = z.infer<typeof historyEntry>

const configDocument = z.object({
  created: text.nullish(),
  author: text.nullish(),
  architecture: text.nullish(),
  variant: text.nullish(),
  os: text.nullish(),
  config: runConfig.nullish(),
  rootfs: z.object({ type: z.literal('layers').nullish(), diff_ids: texts }),
  history: z.array(historyEntry).nullish(),
})

/** An image's configuration (image-spec config.md, and Docker's additions), with its DiffIDs checked. */
export interface ImageConfig extends z.infer<typeof configDocument> {
  readonly diffIds: readonly Digest[]
}

/** Reads a configuration. Throws 'bad-input' naming `subject`. */
export function parseConfig(bytes: Buffer, subject: string): ImageConfig {
  const config = parseDocument(bytes, configDocument, subject)
  const ids = config.rootfs.diff_ids ?? []
  return { ...config, diffIds: ids.map((id, i) => parseDigest(id, `${subject}: rootfs.diff_ids.${i}`)) }
}

/** The platform that a configuration says, as it says it; undefined when it names no architecture. */
export function configPlatform(config: ImageConfig): Platform | undefined {
  if (!config.architecture) return undefined
  const platform = { os: config.os || 'linux', architecture: config.architecture }
  return config.variant ? { ...platform, variant: config.variant } : platform
}

/**
 * The canonical architecture; a variant that Ingot makes no difference of (amd64/v3) counts as its base. Throws
 * 'unsupported' for other systems than Linux, 'bad-input' for an unknown architecture or, without `fallback`, none.
 */
export function configArchitecture(config: ImageConfig, subject: string, fallback?: Architecture): Architecture {
  if (config.os && config.os !== 'linux') {
    throw new IngotError('unsupported', `${subject}: an image for ${config.os}; Ingot handles Linux images only`)
  }
  if (!config.architecture) {
    if (fallback) return fallback
    throw new IngotError('bad-input', `${subject}: the configuration names no architecture`, {
      hint: 'Say it with --architecture.',
    })
  }
  const exact = config.variant ? findArchitecture(`${config.architecture}/${config.variant}`) : undefined
  return exact ?? parseArchitecture(config.architecture, subject)
}
