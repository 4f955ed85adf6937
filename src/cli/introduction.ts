import { existsSync } from 'node:fs'
import path from 'node:path'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { loadScenario } from '../scenario/load.ts'
import { version } from '../servers/version.ts'
import type { ServeRequest } from './arguments.ts'
import { COLUMNS, shellQuoted, wrapped } from './terminal.ts'

/** In a URL, where ':' and '@' stand for nothing else: what is within the name and the password is encoded. */
const PASSWORD = /:[^:@]*@/
/** What the built-in scenarios have for downloads. */
const FILE = 'pub/file.bin'
const CREDENTIALS = /(?<=:\/\/)[^@]*@/

/** What there is beside the server. */
export interface Surroundings {
  /** Where the certificate is that clients have to trust. */
  readonly caFile: string | undefined
  /** Where the control API is, with its token. */
  readonly controlUrl: string | undefined
  /** Whether keys are taken. */
  readonly takesKeys: boolean
}

/** What the program says when the server listens: where it is, and how to try it. */
export function introduction(
  ftp: FtpFixture,
  request: ServeRequest,
  { caFile, controlUrl, takesKeys }: Surroundings,
): string {
  const { files, root, anonymous } = request.options
  const serves = root === undefined ? `a copy of "${files}"` : 'your own directory'
  const rows = {
    URL: request.showPassword ? ftp.url : ftp.url.replace(PASSWORD, '@'),
    user: anonymous ? `${ftp.username}, or anonymous to read` : ftp.username,
    password: request.showPassword ? ftp.password : 'as you gave it',
    files: `${serves}, in ${ftp.root}`,
    ...encryption(request, caFile),
    ...(controlUrl !== undefined && { control: controlUrl }),
  }
  const table = Object.entries(rows).map(([title, text]) => `  ${title.padEnd(9)}  ${text}\n`)
  const { scenario } = request.options
  const hint = request.log.level === 'debug' ? '' : '\nMore: -D shows the whole dialogue'
  const stop = takesKeys ? 'Ctrl-C; ? shows what other keys do' : 'Ctrl-C'
  return `ftp-fixture ${version}

${table.join('')}${scenario === undefined ? '' : `\n${misbehaviour(scenario)}\n`}
Try:  ${tryLine(ftp, request, caFile)}
Stop: ${stop}${hint}

`
}

/** What clients are going to meet: the scenario and what it does. */
export function misbehaviour(given: NonNullable<ServeRequest['options']['scenario']>): string {
  const { name, description } = loadScenario(given)
  const text = description === undefined ? '' : ` - ${description.trim().replace(/\s+/g, ' ')}`
  return wrapped(`Misbehaves as ${name}${text}`, COLUMNS).join('\n')
}

function encryption({ options }: ServeRequest, caFile: string | undefined): { readonly TLS?: string } {
  const { certfile, implicitTls } = options
  const when = implicitTls ? 'from the first byte' : 'by AUTH TLS'
  if (certfile !== undefined) return { TLS: `${when}, with the certificate ${certfile}` }
  return caFile === undefined ? {} : { TLS: `${when}; clients have to trust ${caFile}` }
}

function tryLine(ftp: FtpFixture, { options, showPassword }: ServeRequest, caFile: string | undefined): string {
  const encrypts = caFile !== undefined || options.certfile !== undefined
  // Most scenarios are about a download.
  const file = ftp.scenario !== undefined && existsSync(path.join(ftp.root, FILE)) ? FILE : ''
  const words = [
    'curl',
    ...(file === '' ? [] : ['--remote-name']),
    ...(encrypts && !options.implicitTls ? ['--ssl-reqd'] : []),
    // Whom to trust for a certificate of theirs, only they know.
    ...(options.certfile === undefined ? [] : ['--insecure']),
    ...(caFile === undefined ? [] : ['--cacert', caFile]),
    // Without a password, `--user` has curl ask for it.
    ...(showPassword
      ? [`${ftp.url}/${file}`]
      : ['--user', ftp.username, `${ftp.url.replace(CREDENTIALS, '')}/${file}`]),
  ]
  return words.map(shellQuoted).join(' ')
}
