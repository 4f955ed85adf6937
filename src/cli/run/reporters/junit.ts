import { xmlText } from '../../xml.ts'
import type { PlayResult } from '../play.ts'
import { endingText, failureText, type RunReport, seconds } from '../report.ts'

/** The report as JUnit XML: a test suite, each scenario a test case of it. */
export function junit({ command, results, notPlayed, error, startedAt, durationMs }: RunReport): string {
  // What ended it all is of no scenario, but a reader that knows no other place has to find it.
  const ended =
    error === undefined
      ? []
      : [testcase('ftp-fixture run', 0, element('error', error.message, { message: error.message }))]
  const counts = {
    tests: results.length + notPlayed.length + ended.length,
    failures: results.filter(({ passed }) => !passed).length,
    errors: ended.length,
    time: seconds(durationMs),
  }
  const suite = {
    name: command.join(' '),
    ...counts,
    skipped: notPlayed.length,
    timestamp: startedAt.toISOString().slice(0, 19),
  }
  const skipped = notPlayed.map((scenario) => testcase(scenario, 0, '<skipped message="not played"/>'))
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites${attributes({ name: 'ftp-fixture run', ...counts })}>
  <testsuite${attributes(suite)}>
${[...results.map(played), ...skipped, ...ended].join('')}  </testsuite>
</testsuites>
`
}

function played(result: PlayResult): string {
  const { scenario, durationMs, output } = result
  return testcase(scenario, durationMs, failure(result) + element('system-out', output))
}

function failure(result: PlayResult): string {
  if (result.passed) return ''
  const { ending, missed, dialogue } = result
  const list = missed.map((sentence) => `- ${sentence}\n`).join('')
  const text = `${endingText(ending)}\n${list}${dialogue === '' ? '' : `What happened was:\n${dialogue}`}`
  return element('failure', text, { message: failureText(result), type: ending.is })
}

function testcase(scenario: string, durationMs: number, content: string): string {
  const start = `    <testcase${attributes({ name: scenario, classname: 'ftp-fixture', time: seconds(durationMs) })}`
  return `${start}>${content}</testcase>\n`
}

function element(name: string, text: string, named: Readonly<Record<string, string>> = {}): string {
  return text === '' ? '' : `<${name}${attributes(named)}>${xmlText(text)}</${name}>`
}

function attributes(named: Readonly<Record<string, string | number>>): string {
  // XML makes spaces of the line ends in an attribute.
  const parts = Object.entries(named).map(
    ([name, value]) => ` ${name}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`,
  )
  return parts.join('')
}
