import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Added } from './flags.ts'
import type { Places } from './places.ts'
import type { Ability, Row } from './row.ts'
import type { Kind, Program, ServerSpec } from './server-spec.ts'

const SERVING: readonly Ability[] = ['serve', 'mlsd', 'tls', 'throttle']

/** Our server, and the forms of it that are compared with it: with several processes, as a fixture, with a scenario. */
export function oursAll({ sources, compiled }: Places): readonly [ServerSpec, ...ServerSpec[]] {
  const project = path.resolve(sources, '../..')
  const version = `${versionOf(project)} (koffi ${versionOf(path.join(project, 'node_modules/koffi')) ?? 'not installed'})`
  const env = { DIST: path.join(project, 'dist') }
  const program = (file: string, more: NodeJS.ProcessEnv = {}): Program => ({
    command: process.execPath,
    args: [path.join(compiled, file)],
    env: { ...env, ...more },
  })
  const form = (name: string, kind: Kind, takes?: (row: Row) => boolean): ServerSpec => ({
    name,
    kind,
    version,
    abilities: new Set(SERVING),
    serve: ({ port }) => program('servers/ours.mjs', { FORM: name, PORT: String(port) }),
    ...(takes === undefined ? {} : { takes }),
  })
  const ours = form('ours', 'ours')
  return [
    { ...ours, abilities: new Set([...SERVING, 'cold']), cold: program('cold/ours.mjs') },
    form('ours-prefork', 'form', ({ isParallel }) => isParallel),
    form('ours-fixture', 'seams', ({ isBulk }) => isBulk),
    form('ours-scenario', 'seams', ({ isBulk }) => isBulk),
  ]
}

/** The version of the package in a directory; `undefined` where there is none. */
function versionOf(directory: string): string | undefined {
  const file = path.join(directory, 'package.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** What a server costs that does nothing but listen, in Node. */
export function bareNode({ compiled }: Places): ServerSpec {
  const args = [path.join(compiled, 'cold', 'node.mjs')]
  const cold = { command: process.execPath, args }
  return { name: 'bare-node', kind: 'floor', version: process.version, abilities: new Set(['cold']), cold }
}

/** A server that the command line adds. */
export function addedServer({ name, command }: Added): ServerSpec {
  const serve = () => ({ command: 'sh', args: ['-c', `exec ${command}`], tellsPort: true })
  return { name, kind: 'added', version: command, abilities: new Set(SERVING), serve }
}
