import { expect, test } from 'vitest'
import { junitReport } from './junit.ts'

test('tests, times and failures, whatever is in them', () => {
  const report = junitReport('lab/12', [
    { title: 'run sshd -t', seconds: 0.25, failure: undefined },
    { title: 'run echo "<a>" & b', seconds: 1, failure: 'its exit status is 1, not 0\n  bad \x1b[31m & worse' },
  ])
  expect(report).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" time="1.250">
  <testsuite name="lab/12" tests="2" failures="1" errors="0" time="1.250">
    <testcase classname="lab/12" name="run sshd -t" time="0.250"/>
    <testcase classname="lab/12" name="run echo &quot;&lt;a&gt;&quot; &amp; b" time="1.000">
      <failure message="its exit status is 1, not 0">its exit status is 1, not 0&#10;  bad ?[31m &amp; worse</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})
