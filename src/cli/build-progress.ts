import { styleText } from 'node:util'
import type { BuildEvent } from '../build/events.ts'
import { displayWidth } from '../image/display-width.ts'
import { visible } from '../image/visible.ts'
import { standardError } from './print.ts'
import { createProgress, type Progress, type Screen } from './progress.ts'
import { formatDuration } from './text.ts'

export const progressForms = ['plain', 'tty', 'json'] as const
export type ProgressForm = (typeof progressForms)[number]

/** Shows how a build goes on. */
export interface BuildProgress {
  event(event: BuildEvent): void
  /** What came out of it. */
  tell(text: string): void
  /** Shows how far a long piece of work has come, and how quickly it goes on. */
  work(label: string): Pick<Progress, 'read' | 'done'>
  /** Nothing more comes. */
  close(): void
}

const indent = '      '
const tick = 200

/**
 * `plain`: a line a step, and what programs say below it. `tty`: a line a step, and below it the time that it has taken so far and the last
 * thing that was said, in one line that is drawn again and again. `json`: an object a line.
 */
export function createBuildProgress(
  chosen?: ProgressForm,
  screen: Screen = standardError(),
  now: () => number = Date.now,
): BuildProgress {
  const form = chosen ?? (screen.isTTY ? 'tty' : 'plain')
  if (form === 'json') {
    const write = (value: unknown) => screen.write(`${JSON.stringify(value)}\n`)
    return {
      event: write,
      tell: (text) => write({ type: 'result', text }),
      work: () => ({ read: () => {}, done: () => {} }),
      close: () => {},
    }
  }
  const live = form === 'tty' ? createLive(screen, now) : undefined
  const print = (text: string) => {
    live?.clear()
    screen.write(`${text}\n`)
  }
  const style = (format: 'bold' | 'dim' | 'green' | 'red' | 'cyan', text: string) =>
    screen.isTTY ? styleText(format, text, { stream: process.stderr }) : text
  const step = ({ number, count, title }: { number: number; count: number; title: string }) =>
    `${style('bold', `[${number}/${count}]`)} ${live ? cut(visible(title), (screen.columns ?? 80) - 24) : visible(title)}`
  return {
    event(event) {
      switch (event.type) {
        case 'start':
          print(step(event))
          live?.start()
          break
        case 'cached':
          print(`${step(event)} ${style('dim', '(done before)')}`)
          break
        case 'output':
          if (live) live.say(event.line)
          else print(`${indent}│ ${visible(event.line)}`)
          break
        case 'finish':
          live?.stop()
          print(`${indent}done in ${formatDuration(event.seconds)}`)
          break
        case 'test':
          print(`${indent}${event.failure === undefined ? style('green', '✓') : style('red', '✗')} ${event.title}`)
          break
        case 'shell':
          live?.stop()
          print(event.message)
          break
        case 'note':
          print(indent + event.message)
          break
        case 'warning':
          print(`warning: ${event.message}`)
      }
    },
    tell: (text) => print(`${style('cyan', '→')} ${text}`),
    work: (label) => createProgress(label, screen, now),
    close: () => live?.stop(),
  }
}

/** The line that is drawn again and again. */
function createLive(screen: Screen, now: () => number) {
  let started = 0
  let said = ''
  let drawn = false
  let timer: NodeJS.Timeout | undefined

  function clear(): void {
    if (drawn) screen.write('\r\x1b[2K')
    drawn = false
  }
  function draw(): void {
    const time = `${indent}${formatDuration((now() - started) / 1000)}  `
    screen.write(`\r\x1b[2K${time}${cut(visible(said), (screen.columns ?? 80) - time.length - 1)}`)
    drawn = true
  }
  return {
    clear,
    start() {
      started = now()
      said = ''
      clearInterval(timer)
      timer = setInterval(draw, tick)
      timer.unref()
    },
    say(line: string) {
      if (line.trim() !== '') said = line.trim()
    },
    stop() {
      clearInterval(timer)
      clear()
    },
  }
}

function cut(text: string, width: number): string {
  let end = Math.min(text.length, width)
  while (end > 0 && displayWidth(text.slice(0, end)) > width) end--
  return text.slice(0, end)
}
