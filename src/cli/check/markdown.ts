import { failures, type Scorecard } from './scorecard.ts'
import { passedOf } from './text.ts'

/** The scorecard for pages and comments. */
export function asMarkdown(card: Scorecard): string {
  const themes = [...card.themes, { theme: '**all**', ...card }].map(({ theme, ...tally }) =>
    row(theme === '**all**' ? theme : escaped(theme), passedOf(tally), String(tally.notMet || '')),
  )
  const failed = failures(card).map(({ scenario, verdict, why }) => row(`\`${scenario}\``, verdict, escaped(why)))
  const details =
    failed.length === 0 ? [] : ['', row('Scenario', 'Verdict', 'Why'), row('---', '---', '---'), ...failed]
  const head = [`## FTP scorecard of ${escaped(card.client)}: ${card.score} %`, '']
  const table = [row('Theme', 'Passed', 'Not met'), row('---', '---:', '---:'), ...themes]
  return `${[...head, ...table, ...details].join('\n')}\n`
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Text that means nothing to Markdown or HTML. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|#~]/g, '\\$&')
}
