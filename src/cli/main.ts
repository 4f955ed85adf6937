#!/usr/bin/env node
import { visible } from '../fixture/dialogue.ts'
import { FtpFixtureError } from '../options/error.ts'
import { version } from '../servers/version.ts'
import { HELP, readArguments, UsageError } from './arguments.ts'
import { serve } from './serve.ts'

try {
  const request = readArguments(process.argv.slice(2))
  if (request.action === 'serve') process.exitCode = await serve(request.options, request.serves)
  else process.stdout.write(request.action === 'help' ? HELP : `${version}\n`)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof FtpFixtureError)) throw error
  process.stderr.write(`ftp-fixture: ${visible(error.message)}\n`)
  process.exitCode = error instanceof UsageError || error.code.startsWith('ERR_OPTION') ? 2 : 1
}
