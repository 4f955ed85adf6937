import type { CertificateAuthority } from '../certificates/certificate-authority.ts'
import { authorityOf } from '../certificates/certified-by.ts'
import { FLAWS } from '../certificates/flaw.ts'
import { contextSettings } from '../handlers/tls-options.ts'
import { type Exchange, fault } from './fault.ts'

/**
 * A certificate that is wrong in one way, and signed by the fixture's authority where that is not the way. A server with
 * certificates of its own has none that could sign: theirs come from an authority that nobody knows.
 */
export const certificate = fault({
  name: 'certificate',
  does: 'Shows a certificate that is expired, self-signed, not valid yet, for another name or of another authority.',
  needs: 'handshake',
  schema: (z) =>
    z.strictObject({
      is: z.enum(FLAWS).meta({ description: 'What is wrong with it.' }),
      on: z
        .enum(['control', 'data', 'both'])
        .default('both')
        .meta({ description: 'The connections that show it. Default: both.' }),
    }),
  narrowed: ({ on }) => (on === 'both' ? 'handshake' : `${on}-handshake`),
  seams({ is: flaw }, exchange) {
    let authority: CertificateAuthority | undefined
    return {
      async securing(_plain, connection) {
        authority = await authorityFor(exchange)
        exchange.note(`certificate of the ${connection} connection: ${flaw}`)
      },
      context: (_connection, servername) =>
        authority?.contextFor(servername, contextSettings(exchange.session.options), flaw),
    }
  },
})

async function authorityFor({ session, memory }: Exchange): Promise<CertificateAuthority> {
  const known = authorityOf(session.options.sslContext) ?? memory.get('authority')
  if (known !== undefined) return known as CertificateAuthority
  const { CertificateAuthority } = await import('../certificates/certificate-authority.ts')
  const made = new CertificateAuthority([...new Set(['localhost', '127.0.0.1', '::1', session.localAddress])])
  memory.set('authority', made)
  return made
}
