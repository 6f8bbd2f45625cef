import type { ByteString } from '../../image/bytes.ts'

/** A package as the root file system's package manager has it written down. */
export interface InstalledPackage {
  readonly manager: 'dpkg' | 'apk' | 'rpm' | 'pacman'
  readonly name: string
  /** As the manager writes it: with its epoch and release, where it has them. */
  readonly version: string
  /** The distribution's name for it; '' where none is said. */
  readonly architecture: string
  /** Name of the source package, where it is another. */
  readonly source?: string
  readonly maintainer?: string
  readonly homepage?: string
  readonly summary?: string
  /** As the database says it; dpkg's says none. */
  readonly license?: string
  /** Bytes. */
  readonly installedSize?: number
}

/** Where a package manager writes down what is installed. */
export interface PackageDatabase {
  /** Whether a path of a tree belongs to it. */
  has(path: ByteString): boolean
  /** What is installed, by its files of one tree; none is no error. Throws IngotErrors for what cannot be read. */
  read(files: ReadonlyMap<ByteString, Buffer>): readonly InstalledPackage[]
}
