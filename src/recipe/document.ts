import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'

/** Where something is in a file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type DocumentPath = readonly (string | number)[]

export interface SyntaxProblem extends Position {
  readonly message: string
}

/** A YAML document as plain values, which still knows where each of them stands. */
export interface RecipeDocument {
  readonly value: unknown
  /** What breaks YAML's own rules; when there is anything, `value` is not to be used. */
  readonly problems: readonly SyntaxProblem[]
  /** Where the value of a path begins, or its key; of what is not there, the nearest thing around it. */
  locate(path: DocumentPath, what?: 'key' | 'value'): Position
}

/** Parses YAML 1.2. Never throws: what is wrong is in `problems`. */
export function parseRecipeDocument(text: string): RecipeDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: SyntaxProblem[] = [...document.errors, ...document.warnings].map((problem) => ({
    ...position(problem.pos[0]),
    message: problem.message,
  }))
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      problems.push({
        ...position(offsetOf(alias) ?? 0),
        message: `there is no anchor &${alias.source} before this alias`,
      })
    },
  })
  let value: unknown
  if (problems.length === 0) {
    try {
      value = document.toJS()
    } catch (error) {
      // Aliases that stand for too much (a "billion laughs" document).
      problems.push({ line: 1, column: 1, message: error instanceof Error ? error.message : String(error) })
    }
  }

  function locate(path: DocumentPath, what: 'key' | 'value' = 'value'): Position {
    let node: Node | undefined | null = document.contents
    let at = offsetOf(node) ?? 0
    for (const [index, part] of path.entries()) {
      const step = childOf(isAlias(node) ? node.resolve(document) : node, part)
      if (step === undefined) break
      const wantsKey = what === 'key' && index === path.length - 1
      at = (wantsKey ? step.key : undefined) ?? offsetOf(step.value) ?? step.key ?? at
      node = step.value
    }
    return position(at)
  }

  return { value, problems, locate }
}

interface Child {
  readonly key: number | undefined
  readonly value: Node | null | undefined
}

function childOf(node: Node | undefined | null, part: string | number): Child | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(part)]
    return item === undefined ? undefined : { key: undefined, value: item }
  }
  if (!isMap<Node, Node>(node)) return undefined
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part))
  return pair === undefined ? undefined : { key: offsetOf(pair.key), value: pair.value }
}

function offsetOf(node: Node | undefined | null): number | undefined {
  return node?.range?.[0]
}
