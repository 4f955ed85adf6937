import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Certificate } from './server-spec.ts'

/** RSA with 2048 bits, as most servers have; `undefined` where openssl is missing. */
export function makeCertificate(scratch: string): Certificate | undefined {
  const [cert, key] = [path.join(scratch, 'cert.pem'), path.join(scratch, 'key.pem')]
  const both = path.join(scratch, 'both.pem')
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost']
  const { status } = spawnSync('openssl', [...request, '-keyout', key, '-out', cert])
  if (status !== 0) return undefined
  writeFileSync(both, `${readFileSync(key, 'utf8')}${readFileSync(cert, 'utf8')}`, { mode: 0o600 })
  return { cert, key, both }
}
