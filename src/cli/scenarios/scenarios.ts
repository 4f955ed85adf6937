import { globKit } from '../../scenario/kit.ts'
import type { CommandLine } from '../command-line.ts'
import { isPath } from '../scenario-files.ts'
import { chosenScenarios } from '../scenario-names.ts'
import { COLUMNS } from '../terminal.ts'
import { explanation, writtenScenario } from './explanation.ts'
import { listedScenarios, listText } from './list.ts'

/** Lists scenarios, or explains those that are named; gives the exit status. */
export async function scenarios({ operands, given }: CommandLine): Promise<number> {
  const chosen = chosenScenarios(operands)
  const isList = operands.length === 0 || operands.some((word) => !isPath(word) && globKit().scan(word).isGlob)
  if (given.has('json')) {
    const values = isList ? listedScenarios(chosen) : chosen.map(asValue)
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`)
  } else {
    process.stdout.write(isList ? listText(listedScenarios(chosen), width()) : chosen.map(explanation).join('\n'))
  }
  return 0
}

function asValue(scenario: string): object {
  const { file, written, loaded } = writtenScenario(scenario)
  return { ...written, name: loaded.name, outcome: loaded.outcome, file }
}

/** For a program that reads it, each scenario is a line. */
function width(): number {
  return process.stdout.isTTY ? Math.max(process.stdout.columns, COLUMNS) : Number.POSITIVE_INFINITY
}
