import type { FlagGroups } from '../flag.ts'
import { general } from '../flags.ts'

/** The time limit of a client under one scenario unless another one is given. */
export const TIME_LIMIT = '30s'

/** The options of `check`, by what they are about. */
export const checkFlagGroups: FlagGroups = {
  Running: {
    timeout: {
      short: 't',
      value: 'TIME',
      help: `time that the client has under each scenario: 500ms, 5s, 2m; one that takes longer hangs (default: ${TIME_LIMIT})`,
    },
    jobs: { short: 'j', value: 'N', help: 'scenarios played at a time (default: one per processor, at least 2)' },
    min: { value: 'PERCENT', help: 'the score from which on the exit status is 0 (default: 100)' },
  },
  Output: {
    name: { value: 'NAME', help: 'what the client is called in titles (default: the name of the command)' },
    verbose: {
      short: 'v',
      help: 'show what the client wrote and the dialogue under each scenario that it did not pass',
    },
    json: { value: 'FILE', help: 'write the scorecard as JSON; - is standard output, in place of the text' },
    markdown: {
      value: 'FILE',
      help: 'write the scorecard as Markdown; - is standard output, in place of the text',
    },
    badge: { value: 'FILE', help: 'write a badge with the score, as SVG; - is standard output, in place of the text' },
    ...general,
  },
}
