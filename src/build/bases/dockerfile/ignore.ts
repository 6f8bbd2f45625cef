/**
 * Whether a path of a build context (relative, with `/`) is left out by a `.dockerignore`: the last pattern that fits it or a folder above
 * it decides (Dockerfile reference, ".dockerignore file"). Throws nothing: a pattern that no engine could read fits nothing.
 */
export type Ignores = (path: string) => boolean

/** Reads a `.dockerignore`. `exceptions`: some pattern takes paths back in, so that what is ignored may hold what is not. */
export function parseIgnores(text: string): { readonly ignores: Ignores; readonly exceptions: boolean } {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .map((line) => ({ takesBack: line.startsWith('!'), pattern: cleanPattern(line.replace(/^!/, '')) }))
    .filter(({ pattern }) => pattern !== '')
    .map(({ takesBack, pattern }) => ({ takesBack, expression: toExpression(pattern) }))
  return {
    ignores(path) {
      const parts = path.split('/')
      const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
      let ignored = false
      for (const { takesBack, expression } of rules) {
        if (above.some((each) => expression.test(each))) ignored = !takesBack
      }
      return ignored
    },
    exceptions: rules.some(({ takesBack }) => takesBack),
  }
}

/** As Go's filepath.Clean, without the leading slash: every pattern starts at the context's root. */
function cleanPattern(pattern: string): string {
  const parts: string[] = []
  for (const part of pattern.trim().split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** Go's filepath.Match, and `**` for any number of folders. */
function toExpression(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at)
    const group = /^\[\^?(\\.|[^\]\\])+\]/.exec(rest)?.[0]
    if (rest.startsWith('**')) {
      const folders = rest.startsWith('**/')
      source += folders ? '(.*/)?' : '.*'
      at += folders ? 2 : 1
    } else if (rest[0] === '*') source += '[^/]*'
    else if (rest[0] === '?') source += '[^/]'
    else if (group !== undefined) {
      source += group.replace(/(?<=.)\[/g, '\\[')
      at += group.length - 1
    } else if (rest[0] === '\\' && rest.length > 1) {
      source += escaped(rest[1]!)
      at++
    } else source += escaped(rest[0]!)
  }
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    return /^\b$/ // engines refuse the file
  }
}

function escaped(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}
