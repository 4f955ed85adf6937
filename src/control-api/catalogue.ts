import type { IOLoop } from '../ioloop/ioloop.ts'
import { scenarioFile, scenarioNames } from '../scenario/catalogue.ts'
import { sourceFrom } from '../scenario/source.ts'

/** What is told of a built-in scenario. */
export interface CatalogueEntry {
  readonly name: string
  readonly description: string
  readonly theme?: string | undefined
}

/** The built-in scenarios; the server, which runs in the same process, gets its turn between their files. */
export async function catalogue(ioloop: IOLoop): Promise<readonly CatalogueEntry[]> {
  const entries: CatalogueEntry[] = []
  for (const name of scenarioNames()) {
    const { description = '', theme } = sourceFrom(scenarioFile(name)).value as Partial<CatalogueEntry>
    entries.push({ name, description, theme })
    await ioloop.turn()
  }
  return entries
}
