#!/usr/bin/env node
import { visible } from '../handlers/event-text.ts'
import { FtpFixtureError } from '../options/error.ts'
import { version } from '../servers/version.ts'
import { readArguments } from './arguments.ts'
import { CliError, UsageError } from './errors.ts'
import { flags } from './flags.ts'
import { helpText } from './help.ts'
import { serve } from './serve.ts'

try {
  const request = readArguments(process.argv.slice(2))
  if (request.action === 'serve') process.exitCode = await serve(request)
  else process.stdout.write(request.action === 'help' ? helpText() : `${version}\n`)
} catch (error) {
  if (!(error instanceof CliError || error instanceof FtpFixtureError)) throw error
  process.stderr.write(`ftp-fixture: ${visible(asFlag(error.message))}\n`)
  process.exitCode = isBadUsage(error) ? 2 : 1
}

function isBadUsage(error: CliError | FtpFixtureError): boolean {
  if (error instanceof CliError) return error instanceof UsageError
  return (
    error.code === 'ERR_WORLD_UNKNOWN' || ['ERR_OPTION', 'ERR_SCENARIO'].some((kind) => error.code.startsWith(kind))
  )
}

/** What the server checks, it names by its own options; here, those are flags. */
function asFlag(message: string): string {
  const [name = ''] = message.split(':', 1)
  return Object.hasOwn(flags, name) ? `--${message}` : message
}
