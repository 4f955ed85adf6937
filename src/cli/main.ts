#!/usr/bin/env node
import { visible } from '../handlers/event-text.ts'
import { FtpFixtureError } from '../options/error.ts'
import { version } from '../servers/version.ts'
import { type CommandLine, checkTogether, readCommandLine } from './command-line.ts'
import { CliError } from './errors.ts'
import { helpText } from './help.ts'

for (const stream of [process.stdout, process.stderr]) {
  // A reader who has seen enough, as `head` has, is no failure; one whose disk is full is.
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = 1
  })
}

let line: CommandLine | undefined
try {
  line = readCommandLine(process.argv.slice(2))
  const status = await obey(line)
  if (status !== 0) process.exitCode = status
} catch (error) {
  if (!(error instanceof CliError || error instanceof FtpFixtureError)) throw error
  process.stderr.write(`ftp-fixture: ${visible(asFlag(error.message, line))}\n`)
  process.exitCode = statusOf(error)
}

async function obey(line: CommandLine): Promise<number> {
  const { name, subcommand, given } = line
  if (given.has('help')) {
    process.stdout.write(helpText(name, subcommand))
    return 0
  }
  if (given.has('version')) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  checkTogether(line)
  return subcommand.run(line)
}

function statusOf(error: CliError | FtpFixtureError): number {
  if (error instanceof CliError) return error.status
  const isMistake = ['ERR_OPTION', 'ERR_SCENARIO', 'ERR_WORLD_UNKNOWN'].some((kind) => error.code.startsWith(kind))
  return isMistake ? 2 : 1
}

/** What the server checks, it names by its own options; here, those are flags. */
function asFlag(message: string, line: CommandLine | undefined): string {
  const [name = ''] = message.split(':', 1)
  return line !== undefined && Object.hasOwn(line.flags, name) ? `--${message}` : message
}
