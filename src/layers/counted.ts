import type { EntryStream } from '../image/entry.ts'
import type { Layer } from '../image/layer.ts'
import type { ByteStream } from '../image/stream.ts'

/** The same layer; `onRead` is told of the bytes that are read of it, packed where it is read as it is packed. */
export function countedLayer(layer: Layer, onRead: (bytes: number) => void): Layer {
  const { blob, tar } = layer
  async function* entries(): EntryStream {
    for await (const entry of layer.entries()) {
      onRead(entry.size)
      yield entry
    }
  }
  async function* counted(stream: ByteStream): ByteStream {
    for await (const chunk of stream) {
      onRead(chunk.length)
      yield chunk
    }
  }
  return {
    ...layer,
    entries,
    ...(tar && { tar: () => counted(tar()) }),
    ...(blob && { blob: { ...blob, open: () => counted(blob.open()) } }),
  }
}
