import { checkFlagGroups } from './check/flags.ts'
import type { FlagGroups } from './flag.ts'
import { flagGroups, general } from './flags.ts'
import { runFlagGroups } from './run/flags.ts'
import type { Subcommand } from './subcommand.ts'

/** The subcommand that a command line without one asks for. */
export const DEFAULT = 'serve'

/** All subcommands by name. What they need is loaded when they are run. */
export const subcommands: Readonly<Record<string, Subcommand>> = {
  serve: {
    summary: 'starts a server to test a client against by hand',
    synopsis: '[serve] [options]',
    about:
      'Starts an FTP server to test a client against by hand, and shows what clients do as they do it. It serves a temp directory with a ready-made world in it, which is removed at the end (Ctrl-C).',
    flagGroups,
    run: async (line) => (await import('./serve.ts')).serve((await import('./arguments.ts')).serveRequest(line)),
  },
  run: {
    summary: 'runs a test of a client under each of some scenarios, as in CI',
    synopsis: 'run [options] [scenario…] -- command [argument…]',
    about:
      "Starts a server for each scenario and runs the command, which finds it by FTP_URL, FTP_HOST, FTP_PORT, FTP_USER, FTP_PASSWORD, FTP_ROOT, FTP_SCENARIO, FTP_THEME, FTP_CONTROL_URL, FTP_CONTROL_TOKEN and, with TLS, FTP_CA_FILE in its environment. A scenario passes when the command exits with 0 in time and all that the scenario expects came true. Scenarios are named by the names of built-in ones, globs of these ('abort-*') or files; none means all built-in ones. Exit status: 0 all passed, 1 some failed, 2 bad usage, 127 the command cannot be started, 130 interrupted.",
    flagGroups: runFlagGroups,
    operands: 'scenario',
    takesCommand: true,
    run: async (line) => (await import('./run/run.ts')).run(line),
  },
  check: {
    summary: 'plays the whole catalogue with a client, and prints a scorecard',
    synopsis: 'check [options] [scenario…] -- command [argument…]',
    about:
      'Plays scenarios with a client, as run does, and prints a scorecard of it by theme. The command is to list /pub, to download /pub/file.bin, to upload something of 64 KiB or more to /incoming/, and to say by its exit status whether all of it went well; with FTP_CA_FILE in its environment, encrypted. It passes a scenario when it copes, or where it reports what nobody can be blamed for; what it never came to does not count. Exit status: 0 the score is at least --min, 1 it is not, 2 bad usage, 127 the command cannot be started, 130 interrupted.',
    flagGroups: checkFlagGroups,
    operands: 'scenario',
    takesCommand: true,
    run: async (line) => (await import('./check/check.ts')).check(line),
  },
  scenarios: {
    summary: 'lists the built-in scenarios, and explains those that are named',
    synopsis: 'scenarios [options] [scenario…]',
    about:
      "Lists the built-in scenarios by theme, or those that a glob names ('tls-*'). A scenario that is named, or one in a file, is explained: what it does when, where it was seen, what is expected of a client, how to try it.",
    flagGroups: outputFlags('a JSON list: of what is listed, or of the scenarios themselves'),
    operands: 'scenario',
    run: async (line) => (await import('./scenarios/scenarios.ts')).scenarios(line),
  },
  validate: {
    summary: 'checks scenario files',
    synopsis: 'validate [options] file…',
    about:
      'Checks files of scenarios, those in directories, and those that globs name. In a directory these are the .yaml and .yml files, and the .json files that have rules, extends or expect. Says of each that it is ok, or all that is wrong with it, a line each: path:line:column: message. In GitHub Actions (GITHUB_ACTIONS is set) these are annotations too. Exit status: 0 all are ok, 1 some are not, 2 bad usage.',
    flagGroups: outputFlags('a JSON list of { file, valid, problems: [{ message, place }] }'),
    operands: 'file',
    run: async (line) => (await import('./validate/validate.ts')).validate(line),
  },
}

function outputFlags(json: string): FlagGroups {
  return { Output: { json: { help: json }, ...general } }
}
