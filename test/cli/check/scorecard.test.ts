import { expect, test } from 'vitest'
import { badge } from '../../../src/cli/check/badge.ts'
import { asMarkdown } from '../../../src/cli/check/markdown.ts'
import { asJson, type ScenarioScore, scorecard } from '../../../src/cli/check/scorecard.ts'
import { asText } from '../../../src/cli/check/text.ts'
import type { Verdict } from '../../../src/cli/check/verdict.ts'
import type { PlayResult } from '../../../src/cli/run/play.ts'

function score(scenario: string, theme: string, verdict: Verdict, why = 'because'): ScenarioScore {
  return { scenario, theme, outcome: 'either', verdict, why }
}

const card = scorecard('my <client> | v1', [
  score('a', 'my own', 'coped'),
  score('b', 'TLS', 'not met'),
  score('c', 'login', 'reported'),
  score('d', 'login', 'fooled', 'took <b> | `x`\\'),
  score('e', 'login', 'not met'),
])

test('what was not met does not count, and the score is rounded down', () => {
  expect(card).toMatchObject({ score: 66, passed: 2, of: 3, notMet: 2 })
  expect(scorecard('x', [score('a', 'TLS', 'not met')])).toMatchObject({ score: 0, passed: 0, of: 0 })
})

test('themes are those of built-in scenarios in their order, and then others', () => {
  expect(card.themes).toEqual([
    { theme: 'login', passed: 1, of: 2, notMet: 1 },
    { theme: 'TLS', passed: 0, of: 0, notMet: 1 },
    { theme: 'my own', passed: 1, of: 1, notMet: 0 },
  ])
})

test('as text', () => {
  expect(asText(card, false)).toBe(`my <client> | v1: 66 %

  login   1/2  1 not met
  TLS       -  1 not met
  my own  1/1
  all     2/3  2 not met

fooled   d: took <b> | \`x\`\\
`)
})

test('as text, with what happened', () => {
  const played = { output: 'wrote \x1b[1mthis\n', dialogue: 'C: QUIT\n' } as PlayResult
  const verbose = asText(scorecard('x', [{ ...score('a', 'TLS', 'hung'), played }]), true)
  expect(verbose).toContain('  what the client wrote:\n    wrote this\n  what happened:\n    C: QUIT\n')
})

test('as Markdown, with nothing in it that Markdown or HTML would take for its own', () => {
  expect(asMarkdown(card)).toBe(`## FTP scorecard of my &lt;client> \\| v1: 66 %

| Theme | Passed | Not met |
| --- | ---: | ---: |
| login | 1/2 | 1 |
| TLS | - | 1 |
| my own | 1/1 |  |
| **all** | 2/3 | 2 |

| Scenario | Verdict | Why |
| --- | --- | --- |
| \`d\` | fooled | took &lt;b> \\| \\\`x\\\`\\\\ |
`)
})

test('as JSON', () => {
  const played = { ending: { is: 'exited', status: 1 }, durationMs: 12.6, output: 'x' } as PlayResult
  expect(JSON.parse(asJson(scorecard('x', [{ ...score('a', 'TLS', 'reported'), played }])))).toEqual({
    client: 'x',
    score: 100,
    passed: 1,
    of: 1,
    notMet: 0,
    themes: [{ theme: 'TLS', passed: 1, of: 1, notMet: 0 }],
    scenarios: [
      {
        scenario: 'a',
        theme: 'TLS',
        outcome: 'either',
        verdict: 'reported',
        why: 'because',
        ending: { is: 'exited', status: 1 },
        durationMs: 13,
      },
    ],
  })
})

test('a badge is XML whatever the client is called, and its colour is that of the score', () => {
  const svg = badge('a <b> & "c"\x00', 93)
  expect(svg).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot;\ufffd: 93 % of the FTP scenarios</title>')
  expect(svg).toContain('>93 %</text>')
  const colours = [0, 59, 60, 79, 80, 94, 95, 100].map(
    (value) => /x="\d+" width="\d+" height="20" fill="(.*?)"/.exec(badge('x', value))?.[1],
  )
  expect(new Set(colours).size).toBe(4)
  expect([colours[1], colours[3], colours[5], colours[7]]).toEqual([colours[0], colours[2], colours[4], colours[6]])
})
