import type { CompressOptions, Limits } from '../compression/types.ts'
import type { Digest } from '../image/digest.ts'
import type { Architecture, Platform } from '../image/platform.ts'
import type { ByteFile, ByteStream } from '../image/stream.ts'
import type { SystemImage } from '../image/system-image.ts'
import type { Flatten } from '../layers/flatten.ts'
import type { FormatName } from './names.ts'
import type { Attachment } from './oci/attachment.ts'

/** What a reference names: one file or directory, or LXD's two files. */
export interface ImageInput {
  /** As the user wrote it, for messages. */
  readonly display: string
  readonly parts: readonly InputPart[]
}

export type InputPart = FilePart | { readonly kind: 'directory'; readonly path: string }

export interface FilePart {
  readonly kind: 'file'
  readonly path: string
  readonly file: ByteFile
}

export interface ReadOptions {
  readonly limits?: Limits
  /** Architecture of images that neither say theirs nor have a readable ELF `/bin/sh`. */
  readonly architecture?: Architecture
  /** Called with the size of what is read. Formats call it for directories only: files are counted by whoever gives them. */
  readonly onRead?: (bytes: number) => void
  /** Called for what the source has but an image cannot hold (sockets of a directory, …). */
  readonly warn?: (message: string) => void
}

/** One image of an input that may hold several. */
export interface Candidate {
  readonly names: readonly string[]
  /** Undefined where the format cannot tell without reading the tree. */
  readonly platform?: Platform
  open(): Promise<SystemImage>
}

export interface WriteOptions {
  /** A format's own choice of form (`unified`, `split-tar`, …). */
  readonly variant?: string
  readonly compression?: CompressOptions
  /** Names (tags) to record; default: the image's own. */
  readonly names?: readonly string[]
  /** What is kept beside an image, once its manifest is known. Only a layout directory takes it: `podman load` refuses archives with more than one entry. */
  readonly attachments?: (manifest: Digest) => Promise<readonly Attachment[]>
  /** Called once for each thing the format cannot hold, naming it. */
  readonly warn: (message: string) => void
  /** For formats that hold one tree. What it throws passes through to the caller, who may know another way. */
  readonly flatten: Flatten
}

/** Where a format puts its files. Nothing is visible under its final name until the sink is committed. */
export interface ArtifactSink {
  /** A new file of the rendition. */
  create(spec: ArtifactSpec): Promise<Artifact>
  /** The output as a directory (`dir`, `oci`): the path to fill. For a new one a temporary sibling that commit renames. */
  directory(options: { readonly mayExist: boolean }): Promise<{ readonly path: string; readonly finalPath: string }>
}

export interface ArtifactSpec {
  /** `.tar.zst`, `.squashfs` … with its dot. */
  readonly extension: string
  /** Tells the files of a rendition apart (`lxd`, `rootfs`): `PREFIX.rootfs.squashfs`. Absent for single-file forms. */
  readonly role?: string
  /** Full file name by the format's own convention, used when the user named only a folder. */
  readonly suggestedName?: string
}

/** Fill it in one of the two ways, once. */
export interface Artifact {
  /** Streams bytes in; resolves when they are on disk (or through standard output). */
  write(stream: ByteStream): Promise<ArtifactFile>
  /** Hands over a path that a program or a seeking writer fills; then call `finish`. */
  path(): Promise<string>
  finish(): Promise<ArtifactFile>
}

export interface ArtifactFile {
  /** Final path; `-` for standard output. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
}

/** An image in one format: what was written. */
export interface Rendition {
  readonly format: string
  readonly variant?: string
  readonly files: readonly ArtifactFile[]
  /** Final path of the directory, of forms that are one and have no files of their own. */
  readonly folder?: string
  /** Hex. LXD's rule for LXD files, the manifest digest's hex for OCI and Docker, the SHA-256 of a single file; undefined for `dir`. */
  readonly fingerprint?: string
  /** OCI and Docker: digest of the manifest or, for several images, of the index. */
  readonly digest?: Digest
  readonly names?: readonly string[]
}

export interface Format {
  readonly name: FormatName
  /** One line for help and docs. */
  readonly summary: string
  /** By content, never by file name. Reads only as much as it needs; never throws on foreign content. */
  detect(input: ImageInput): Promise<boolean>
  /** The images inside. Throws 'bad-input' when the content breaks the format. */
  list(input: ImageInput, options: ReadOptions): Promise<readonly Candidate[]>
  /** Writes one image, or several where the format can hold them ('unsupported' otherwise). On failure the caller aborts the sink. */
  write(images: readonly SystemImage[], options: WriteOptions, sink: ArtifactSink): Promise<Rendition>
}
