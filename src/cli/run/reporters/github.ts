import { annotation } from '../../annotation.ts'
import { isPath } from '../../scenario-files.ts'
import { failureText, type RunReport } from '../report.ts'

/** The report as workflow commands of GitHub Actions: an annotation on each scenario that failed. */
export function github({ results, error }: RunReport): string {
  const failed = results.filter(({ passed }) => !passed)
  const lines = failed.map((result) => {
    const { scenario, dialogue } = result
    const file = isPath(scenario) ? { file: scenario } : {}
    const text = dialogue === '' ? failureText(result) : `${failureText(result)}\n\n${dialogue}`
    return annotation({ ...file, title: `ftp-fixture: ${scenario}` }, text)
  })
  const end = error === undefined ? '' : annotation({ title: 'ftp-fixture run' }, error.message)
  return `${lines.join('')}${end}`
}
