import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Found, INSTALL, libraries, type Search, saying } from './find.ts'
import { proftpd, pureFtpd, vsftpd } from './forking-peers.ts'
import type { Program } from './server-spec.ts'

/** Every server that ours is compared with. */
export function findPeers(search: Search): readonly Found[] {
  return [vsftpd, proftpd, pureFtpd, pyftpdlib, ftpSrv].map((find) => find(search))
}

function pyftpdlib({ peers, places }: Search): Found {
  const name = 'pyftpdlib'
  const env = {
    PYTHONPATH: path.join(peers, name, 'usr/lib/python3/dist-packages'),
    LD_LIBRARY_PATH: libraries(path.join(peers, name)),
  }
  const version = (python: string) => saying(python, ['-W', 'ignore', '-c', ASKED], /^version (\S+)$/m, env)
  const command = ['/usr/bin/python3', 'python3'].find((python) => version(python) !== 'unknown')
  if (command === undefined) return { name, missing: INSTALL }
  const program = (file: string) => ({ command, args: ['-W', 'ignore', path.join(places.sources, file)], env })
  const abilities = new Set(['serve', 'mlsd', 'tls', 'throttle', 'cold'] as const)
  const serve = () => ({ ...program('servers/pyftpdlib_server.py'), tellsPort: true })
  return { name, kind: 'peer', version: version(command), abilities, serve, cold: program('cold/pyftpdlib_cold.py') }
}

const ASKED = 'import pyftpdlib, pyftpdlib.servers; print("version", pyftpdlib.__ver__)'

function ftpSrv({ peers, places }: Search): Found {
  const name = 'ftp-srv'
  const modules = path.join(peers, name, 'node_modules')
  if (!existsSync(path.join(modules, name))) return { name, missing: INSTALL }
  const program = (file: string): Program => ({ command: process.execPath, args: [file], env: { MODULES: modules } })
  const script = path.join(places.sources, 'servers', 'ftp-srv.cjs')
  const asked = ['-p', `require('${modules}/${name}/package.json').version`]
  return {
    name,
    kind: 'peer',
    version: saying(process.execPath, asked, /(\d\S+)/),
    // It has no MLSD, and no limit of rate.
    abilities: new Set(['serve', 'tls', 'cold'] as const),
    // It loses what a client says right after its 234, so the load client waits 30 ms there: TLS logins include that.
    isEarly: true,
    serve: ({ port }) => ({ ...program(script), env: { MODULES: modules, PORT: String(port) } }),
    cold: program(path.join(places.compiled, 'cold', 'ftp-srv.mjs')),
  }
}
