/** What became of one test. */
export interface TestOutcome {
  readonly title: string
  readonly seconds: number
  readonly failure: string | undefined
}

/** A report in the form that CI systems read (JUnit's XML: testsuite, testcase, failure). */
export function junitReport(suite: string, outcomes: readonly TestOutcome[]): string {
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length
  const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0)
  const cases = outcomes.map(({ title, seconds, failure }) => {
    const head = `    <testcase classname="${escaped(suite)}" name="${escaped(title)}" time="${seconds.toFixed(3)}"`
    if (failure === undefined) return `${head}/>\n`
    const [first = ''] = failure.split('\n')
    return `${head}>\n      <failure message="${escaped(first)}">${escaped(failure)}</failure>\n    </testcase>\n`
  })
  const counts = `tests="${outcomes.length}" failures="${failed}" errors="0" time="${total.toFixed(3)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="${escaped(suite)}" ${counts}>
${cases.join('')}  </testsuite>
</testsuites>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** Characters that XML 1.0 cannot hold at all become a question mark. */
function escaped(text: string): string {
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '?').replace(/[&<>"\n]/g, (char) => entities[char]!)
}
