import type { FlagGroups, Flags } from '../flag.ts'
import { dataConnections, encryption, general, listening, sessions, users } from '../flags.ts'

/** The time limit of a command unless another one is given. */
export const TIME_LIMIT = '60s'

/** The options that a command is run by, once for each scenario. */
const running: Flags = {
  timeout: {
    short: 't',
    value: 'TIME',
    help: `time that the command has under each scenario: 500ms, 5s, 2m; it and all it started are ended then (default: ${TIME_LIMIT})`,
  },
  jobs: { short: 'j', value: 'N', help: 'scenarios played at a time, each on a server of its own (default: 1)' },
  bail: { short: 'b', help: 'stop at the first scenario that fails' },
}

const output: Flags = {
  reporter: {
    value: 'NAME[=FILE]',
    help: 'pretty, json, junit, tap or github (annotations); may be given several times. One but pretty without a file has standard output to itself (default: pretty, and github where GITHUB_ACTIONS is set)',
  },
  output: {
    short: 'o',
    value: 'WHICH',
    help: 'show what the command wrote under scenarios that failed, all or none (default: failed)',
  },
  ...general,
}

/** The options of the servers that are started for a command. */
const serverFlagGroups: FlagGroups = {
  Listening: without(listening, 'concurrency'),
  Files: {
    files: {
      short: 'f',
      value: 'WORLD',
      help: 'ready-made world, or a directory to copy, on top of the files that a scenario has (default: none)',
      set: (world) => ({ files: world }),
    },
  },
  Users: users,
  // A command has a --timeout too.
  Sessions: without(sessions, 'timeout'),
  'Data connections': dataConnections,
  // Each server has an authority of its own, in FTP_CA_FILE.
  'Encryption (FTPS)': without(encryption, 'ca-file'),
}

/** The options of `run`, by what they are about. */
export const runFlagGroups: FlagGroups = { Running: running, ...serverFlagGroups, Output: output }

function without(flags: Flags, name: string): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([each]) => each !== name))
}
