import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ioError } from '../image/error.ts'
import type { BuildEvent } from './events.ts'

/** The record of one build: a file with all that happened, and the events for whoever watches. */
export interface BuildLog {
  readonly path: string
  emit(event: BuildEvent): void
  /** Writes a line to the file alone. */
  record(line: string): void
  /** The last lines that programs wrote since the last 'start'. */
  lastLines(): readonly string[]
  close(): void
}

const keptLines = 20

/** Opens `<name>-<time>-<process>.log` in `folder`. */
export function openLog(folder: string, name: string, onEvent: (event: BuildEvent) => void): BuildLog {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const path = join(folder, `${name.replace(/[^A-Za-z0-9_.+-]+/g, '-')}-${time}-${process.pid}.log`)
  let fd: number | undefined
  try {
    fd = openSync(path, 'a', 0o600)
  } catch (error) {
    throw ioError(`write the log ${path}`, error)
  }
  let kept: string[] = []

  function record(line: string): void {
    if (fd !== undefined) writeSync(fd, `${line}\n`)
  }

  return {
    path,
    emit(event) {
      if (event.type === 'start') kept = []
      if (event.type === 'output') kept = [...kept.slice(1 - keptLines), event.line]
      record(logLine(event))
      onEvent(event)
    },
    record,
    lastLines: () => kept,
    close() {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
  }
}

function logLine(event: BuildEvent): string {
  switch (event.type) {
    case 'start':
      return `==> ${event.number}/${event.count} ${event.title}`
    case 'cached':
      return `=== ${event.number}/${event.count} ${event.title}: done before`
    case 'test':
      return `--- test ${event.title}: ${event.failure ?? 'ok'}`
    case 'output':
      return event.line
    case 'note':
    case 'shell':
      return `--- ${event.message}`
    case 'warning':
      return `--- warning: ${event.message}`
    case 'finish':
      return `<== ${event.seconds.toFixed(1)} s`
  }
}
