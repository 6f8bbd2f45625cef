export interface ReadTarOptions {
  /** Named in every error: the file, or `file: layer …`. */
  readonly name: string
  /**
   * What a leading `/` in a name or a hard-link target means: 'strip' takes it as the image's root (OCI layers by
   * kaniko and others have them), 'error' (default) refuses it.
   */
  readonly absoluteNames?: 'strip' | 'error'
  /**
   * Whether the archive must end with a block of zeros. 'optional' (default) is for what a digest promises (some builders
   * leave the marker out); 'required' tells an archive that was cut off between two entries from a whole one.
   */
  readonly endMarker?: 'required' | 'optional'
  /** Most bytes that one entry's PAX records and GNU long names may take together. Default 4 MiB. */
  readonly maxHeaderBytes?: number
}

export interface WriteTarOptions {
  /** Written before every member name and hard-link target. Default ''. The root entry is always named `./`. */
  readonly prefix?: '' | './'
  /** 'pax' (default) keeps holes as GNU PAX sparse 1.0; 'expand' writes zeros for them (OCI layers). */
  readonly sparse?: 'pax' | 'expand'
}
