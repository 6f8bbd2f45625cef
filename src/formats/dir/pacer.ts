/**
 * Lets the event loop run now and then between synchronous file calls: the returned function gives a promise to wait
 * for when more than a few milliseconds have passed since the last time, else undefined.
 */
export function createPacer(milliseconds = 8): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    if (performance.now() - last < milliseconds) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        last = performance.now()
        resolve()
      })
    })
  }
}
