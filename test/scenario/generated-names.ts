import { worldNames } from '../../src/fixture/worlds.ts'
import { scenarioNames } from '../../src/scenario/catalogue.ts'
import { knownCommands } from '../../src/scenario/needs.ts'

/** The source of src/scenario/names.ts. */
export function namesSource(): string {
  const types = [
    ['A scenario that comes with ftp-fixture.', 'BuiltInScenario', scenarioNames()],
    ['A ready-made world of files.', 'World', worldNames()],
    ['A command that the server has; two words make one of their own.', 'KnownVerb', Object.keys(knownCommands)],
  ] as const
  const declared = types.map(
    ([doc, name, known]) => `/** ${doc} */\nexport type ${name} = ${known.map((each) => `'${each}'`).join(' | ')}\n`,
  )
  return ['// `npm run schema` writes this file.\n', ...declared].join('\n')
}
