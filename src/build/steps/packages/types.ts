import type { Family } from '../../../host/os-release.ts'
import type { StepValue } from '../../../recipe/steps/registry.ts'
import type { PackageFiles } from '../../package-pool.ts'
import type { StepContext } from '../types.ts'

export type PackagesWish = StepValue<'packages'>

/** One program to be run. */
export interface PackageCommand {
  /** For the error, after the manager's name: `install`. */
  readonly what: string
  readonly args: readonly string[]
  /** Exit statuses besides 0 that are no failure. */
  readonly accept?: readonly number[]
}

/** What a package manager finds when a step begins. */
export interface PackagesView {
  /** The image's root, on the host. */
  readonly root: string
  /** Absolute paths, in the image, of the files in its folders: what earlier steps of this build and other builds have fetched. */
  readonly fetched: readonly string[]
}

/** A package manager of images. */
export interface PackageManager {
  readonly name: string
  /** The distributions whose own it is. */
  readonly family: Family
  /** The program, as a path in the image without the first slash. */
  readonly program: string
  /** Of the image, for what it fetches; while it runs they are the build's, and nothing of what is in them gets into the image. */
  readonly folders: readonly string[]
  /** The packages in these folders, which builds share. */
  readonly packages: readonly PackageFiles[]
  /**
   * How it is called: asking nothing, without recommended packages unless they are wished for, failing when an archive cannot be
   * reached.
   */
  commands(wish: PackagesWish, view: PackagesView): readonly PackageCommand[]
  /** What is left to do when all commands have succeeded. Throws 'command-failed' for what they have not told. */
  finish?(wish: PackagesWish, context: Pick<StepContext, 'root' | 'epoch' | 'say'>): void
}
