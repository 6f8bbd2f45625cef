import { type Command, InvalidArgumentError, Option } from 'commander'
import { formatNames } from '../formats/names.ts'
import { type Architecture, findArchitecture, type Platform, parsePlatform } from '../image/platform.ts'
import { warn } from './run-pour.ts'

/** Options of every command that reads images. */
export interface InputFlags {
  readonly platform?: Platform
  readonly architecture?: Architecture
  readonly maxSize?: number
  readonly maxRatio?: number
}

/** Options of every command that writes an image. */
export interface OutputFlags {
  readonly to: string
  readonly output: string
  readonly variant?: string
  readonly compression?: string
  readonly name?: readonly string[]
  readonly force?: boolean
}

export function addInputOptions(command: Command): Command {
  return command
    .option('--platform <os/arch>', 'which platform, where the input has several (linux/arm64)', platformOption)
    .option('--architecture <name>', 'architecture of an input that does not say its own', architectureOption)
    .addOption(
      new Option('--max-size <bytes>', 'refuse inputs that unpack to more (0 = no limit; default 1T)').argParser(
        sizeOption,
      ),
    )
    .addOption(
      new Option(
        '--max-ratio <n>',
        'refuse inputs that unpack to more than n times their size (0 = no limit; default 1100)',
      ).argParser(countOption),
    )
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--to <format>', 'format to write').choices(formatNames).makeOptionMandatory())
    .requiredOption('-o, --output <path>', 'file, folder, prefix, or - for standard output')
    .option('--variant <name>', 'form of the format (lxd: split-squashfs, split-tar, unified; proxmox: template, oci)')
    .option('--compression <kind[:level]>', 'gzip, zstd, xz or none, with a level: zstd:9')
    .option('--name <name...>', 'name (tag) to record in the image; repeatable')
    .option('--force', 'replace the output if it is there already')
}

export const jsonOption = new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table')

function platformOption(text: string): Platform {
  return parsePlatform(text)
}

export function architectureOption(text: string): Architecture {
  const found = findArchitecture(text)
  if (!found) throw new InvalidArgumentError('that is not a known architecture.')
  return found
}

/** `512M`, `10GiB`, `1T`: powers of 1024. */
export function sizeOption(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text)
  if (!match) throw new InvalidArgumentError('that is not a size like 512M or 2T.')
  return Math.round(Number(match[1]) * 1024 ** ' KMGT'.indexOf(match[2] ? match[2].toUpperCase() : ' '))
}

function countOption(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('that is not a whole number.')
  return Number(text)
}

/** What the formats' readers take; what a source has and an image cannot hold is warned of on standard error. */
export function readOptions(flags: InputFlags): {
  platform?: Platform
  architecture?: Architecture
  limits: { maxBytes?: number; maxRatio?: number }
  warn: (message: string) => void
} {
  return {
    warn,
    ...(flags.platform ? { platform: flags.platform } : {}),
    ...(flags.architecture ? { architecture: flags.architecture } : {}),
    limits: {
      ...(flags.maxSize === undefined ? {} : { maxBytes: flags.maxSize }),
      ...(flags.maxRatio === undefined ? {} : { maxRatio: flags.maxRatio }),
    },
  }
}

/** `key=value`, repeatable. */
export function propertyOption(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('write it as key=value.')
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** `2026-12-31`, an ISO 8601 time, or `30d`, `12h` from now; seconds since the epoch. */
export function dateOption(text: string): number {
  const relative = /^(\d+)([dhw])$/.exec(text)
  if (relative) {
    const seconds = { h: 3600, d: 86_400, w: 604_800 }[relative[2] as 'h' | 'd' | 'w']
    return Math.floor(Date.now() / 1000) + Number(relative[1]) * seconds
  }
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new InvalidArgumentError('that is not a date like 2026-12-31, or a time from now like 30d.')
  return Math.floor(time / 1000)
}

export function homeOption(): Option {
  return new Option('--home <folder>', 'Ingot’s folder: images, caches, logs').env('INGOT_HOME')
}
