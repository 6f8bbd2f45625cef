export const imageForms = ['oci', 'oci-archive', 'docker-archive', 'lxd'] as const

/** An image in a file or folder. */
export interface ImageBase {
  readonly kind: 'image'
  /** The prefix of its reference: `oci`, `lxd` … */
  readonly form: (typeof imageForms)[number]
  /** What follows it: a path, or two, relative to the recipe's folder, and perhaps a name. */
  readonly path: string
}

/** An image of the store. */
export interface StoreBase {
  readonly kind: 'store'
  /** An alias, or the beginning of a fingerprint. */
  readonly name: string
}

export function shortStore(name: string): StoreBase {
  return { kind: 'store', name }
}
