import { type ExecOptions, exec } from './exec.ts'

const program = new URL('../../../bin/ingot', import.meta.url).pathname

/** Runs `bin/ingot` as a user does. Returns what it prints on standard output; throws when it fails. */
export async function ingot(args: readonly string[], options: ExecOptions = {}): Promise<string> {
  return (await exec(program, args, options)).stdout
}

export interface Written {
  readonly fingerprint: string
  readonly digest?: string
  /** Paths of the files. */
  readonly files: readonly string[]
}

/** `ingot convert INPUTS --to FORMAT -o OUT …`, or another command that writes an image, with what it says it wrote. */
export async function written(args: readonly string[]): Promise<Written> {
  const rendition = JSON.parse(await ingot([...args, '--format', 'json']))
  return { ...rendition, files: rendition.files.map((file: { path: string }) => file.path) }
}

export interface Description {
  readonly format: string
  readonly names: readonly string[]
  readonly architecture: string
  readonly properties: Readonly<Record<string, string>>
  readonly config: Readonly<Record<string, unknown>>
  readonly templates: readonly { readonly target: string; readonly template: string }[]
  readonly layers: readonly { readonly diffId?: string; readonly digest?: string; readonly compression?: string }[]
}

export async function inspect(reference: string): Promise<Description> {
  return JSON.parse(await ingot(['inspect', reference, '--format', 'json']))
}

/** What `ingot diff` finds different: lines like `~ /etc/hostname  content`; none for equal trees. */
export async function differences(a: string, b: string, ...options: readonly string[]): Promise<string[]> {
  const printed = await ingot(['diff', a, b, ...options], { accept: [0, 1] })
  return printed === 'no differences\n' ? [] : printed.trimEnd().split('\n')
}
