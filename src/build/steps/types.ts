import type { StepKind, StepOf } from '../../recipe/steps/registry.ts'
import type { SandboxRun } from '../sandbox/sandbox.ts'

/** What a step may say of a program that it runs. */
export type SandboxJob = Pick<
  SandboxRun,
  'command' | 'files' | 'env' | 'workdir' | 'network' | 'binds' | 'secrets' | 'interactive'
> & {
  /** Gets its lines in place of the log. */
  readonly onLine?: (line: string) => void
}

/** What a step has to work with. */
export interface StepContext {
  /** The image's root, on the host. */
  readonly root: string
  /** Absolute; relative paths of the recipe start here. */
  readonly recipeFolder: string
  /** Folder of the host for the folders that steps keep between builds. */
  readonly caches: string
  /** Folder of the host for downloaded packages. */
  readonly packages: string
  /** A folder of this build's own, on the same file system. */
  readonly work: string
  /** The time that placed files get, in seconds since the epoch. */
  readonly epoch: number
  /** Runs a program inside the root; its lines go to the log. Resolves to the exit status. */
  sandbox(job: SandboxJob): Promise<number>
  /** Puts a line into the log. */
  say(line: string): void
}

/** One kind of step: what it says it does, and how it does it. */
export interface StepRunner<Kind extends StepKind> {
  /** For people, in a few words: `packages: sudo, openssh-server`. */
  title(value: StepOf<Kind>['value']): string
  /**
   * What it takes in besides its value, as what JSON can hold; absent: nothing. `memory` remembers digests of files (cache/content.ts).
   * Throws as `apply` when that is not there.
   */
  inputs?(value: StepOf<Kind>['value'], recipeFolder: string, memory: string): Promise<unknown>
  /** Changes the root. Throws IngotErrors; the caller adds which step it was. */
  apply(value: StepOf<Kind>['value'], context: StepContext): Promise<void>
}
