import type { Layer } from '../image/layer.ts'
import { mapLayer } from './map.ts'

/** No modification time later than `ceiling` (seconds since the epoch), as `tar --clamp-mtime` does. */
export function clampTimes(layer: Layer, ceiling: number): Layer {
  const limit = BigInt(ceiling) * 1_000_000_000n
  return mapLayer(layer, (header) => (header.mtime > limit ? { ...header, mtime: limit } : header))
}
