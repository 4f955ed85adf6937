import type { ContextChoice } from '../handlers/tls-options.ts'
import type { CertificateAuthority } from './certificate-authority.ts'

type Choose = Extract<ContextChoice, (...about: never) => unknown>

/** Has a server show the certificates of an authority, who can be asked for flawed ones too. */
export function certifiedBy(authority: CertificateAuthority): ContextChoice {
  const choose: Choose = (servername, settings) => authority.contextFor(servername, settings)
  return Object.assign(choose, { authority })
}

/** The authority whose certificates are shown; `undefined` where they are somebody's own. */
export function authorityOf(choice: ContextChoice | undefined): CertificateAuthority | undefined {
  return (choice as { readonly authority?: CertificateAuthority } | undefined)?.authority
}
