import { strictMap, text } from '../fields.ts'

/** The root file system on a block device, or in a file that has one as a device would. */
export interface BlockBase {
  readonly kind: 'block'
  /** Relative to the recipe's folder. */
  readonly device: string
}

export const blockForm = strictMap({
  block: text.describe('Device, logical volume or image of a file system'),
}).transform(({ block }): BlockBase => shortBlock(block))

export function shortBlock(device: string): BlockBase {
  return { kind: 'block', device }
}
