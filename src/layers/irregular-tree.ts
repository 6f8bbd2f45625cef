import { IngotError } from '../image/error.ts'

/** One reading is not enough to bring this into order: it must be flattened, which reads it twice. */
export class IrregularTree extends IngotError {
  constructor(subject: string) {
    super('bad-input', `${subject}: its entries are not in such an order that one reading is enough`)
  }
}
