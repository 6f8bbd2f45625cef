import type { Architecture } from '../../image/platform.ts'
import type { ImageAlias, ImageRecord, ImageSource, ImageType } from './image-record.ts'
import { architectureOf, fingerprintOf, type ImageRow, propertiesOf, typeOf, type ValuesOf } from './rows.ts'

/** The columns that a brief record is made of, in the order of BriefValues. */
export const briefColumns = [
  'fingerprint',
  'type',
  'architecture',
  'size',
  'public',
  'expires_at',
  'uploaded_at',
] as const satisfies readonly (keyof ImageRow)[]

export type BriefValues = ValuesOf<typeof briefColumns>

/** What a brief record has of an image's properties: all of them, or no more than the columns of a list show. */
export const propertiesColumns = { all: 'properties', description: 'description' } as const
export type PropertiesRead = keyof typeof propertiesColumns

/** Fields that a brief record has not. */
export const fieldsBeyondBrief = [
  'format',
  'variant',
  'autoUpdate',
  'cached',
  'createdAt',
  'lastUsedAt',
  'replacedAt',
  'fileName',
  'source',
] as const satisfies readonly (keyof ImageRecord)[]

/**
 * As much of an image as lists mostly show, which takes half the time to read. Asking for another field throws. What a row says is
 * looked at when it is asked for: throws 'corrupt' where it cannot be.
 */
export class BriefRecord implements ImageRecord {
  readonly aliases: readonly ImageAlias[]
  declare readonly format: string
  declare readonly variant: string | undefined
  declare readonly autoUpdate: boolean
  declare readonly cached: boolean
  declare readonly createdAt: number | undefined
  declare readonly lastUsedAt: number | undefined
  declare readonly replacedAt: number | undefined
  declare readonly fileName: string
  declare readonly source: ImageSource | undefined
  readonly #values: BriefValues
  readonly #read: PropertiesRead
  readonly #text: string | null
  #properties: Readonly<Record<string, string>> | undefined

  /** `text`: what the column of `read` says. */
  constructor(values: BriefValues, aliases: readonly ImageAlias[], read: PropertiesRead, text: string | null) {
    this.#values = values
    this.aliases = aliases
    this.#read = read
    this.#text = text
  }

  get fingerprint(): string {
    return fingerprintOf(this.#values[0])
  }

  get type(): ImageType {
    return typeOf(this.#values[1], this.#values[0])
  }

  get architecture(): Architecture {
    return architectureOf(this.#values[2], this.#values[0])
  }

  get size(): number {
    return this.#values[3]
  }

  get public(): boolean {
    return this.#values[4] !== 0
  }

  get expiresAt(): number | undefined {
    return this.#values[5] ?? undefined
  }

  get uploadedAt(): number {
    return this.#values[6]
  }

  get properties(): Readonly<Record<string, string>> {
    if (this.#read === 'description') return this.#text ? { description: this.#text } : none
    this.#properties ??= propertiesOf(this.#text ?? '', this.#values[0])
    return this.#properties
  }
}

const none = {}

for (const field of fieldsBeyondBrief) {
  Object.defineProperty(BriefRecord.prototype, field, {
    get: () => {
      throw new Error(`${field} was not read from the catalog`)
    },
  })
}
