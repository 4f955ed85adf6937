import { dataPortCommands } from './data-port.ts'
import { directoryCommands } from './directory.ts'
import { fileCommands } from './file.ts'
import { informationCommands } from './information.ts'
import { listingCommands } from './listing.ts'
import { loginCommands } from './login.ts'
import { parameterCommands } from './parameters.ts'
import { siteCommands } from './site.ts'
import type { CommandTable } from './table.ts'
import { transferCommands } from './transfer.ts'

/** Every command of the server. A handler of your own takes another table: `{ ...commands, 'SITE RMTREE': { … } }`. */
export const commands: CommandTable = {
  ...loginCommands,
  ...directoryCommands,
  ...fileCommands,
  ...listingCommands,
  ...transferCommands,
  ...dataPortCommands,
  ...parameterCommands,
  ...informationCommands,
  ...siteCommands,
}

export { type ArgumentRule, type CommandSpec, type CommandTable, checkCommands } from './table.ts'
