import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { ScenarioError } from '../../scenario/error.ts'
import type { Expectation } from '../../scenario/expect/schema.ts'
import type { Path } from '../../scenario/issue.ts'
import type { Rule, Scenario } from '../../scenario/schema.ts'
import { fileNamed, type Source, sourceOf } from '../../scenario/source.ts'

/** A scenario as another process can be told of it: its name, its file, or itself as JSON. */
export function portableScenario(scenario: string | URL | Scenario): unknown {
  if (typeof scenario !== 'string' && !(scenario instanceof URL)) return portable(scenario, 'scenario')
  const file = fileNamed(scenario, process.cwd())
  return file === undefined ? scenario : { file }
}

/** A scenario, or a part of one, as JSON; throws `ScenarioError` for what works in its own process only. */
export function portable(value: Scenario | Rule | Expectation, kind: 'scenario' | 'rule' | 'expectation'): unknown {
  return portableValue(value, [], sourceOf(value, kind))
}

function portableValue(value: unknown, at: Path, source: Source): unknown {
  if (typeof value === 'string') return fromHere(value, at, source)
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol') {
    throw new ScenarioError(source.place(at), `a ${typeof value} cannot go to a server in another process`)
  }
  if (types.isUint8Array(value)) return { base64: Buffer.from(value).toString('base64') }
  if (types.isDate(value)) return value.getTime()
  if (value instanceof URL) return fileURLToPath(value)
  if (Array.isArray(value)) return value.map((each, index) => portableValue(each, [...at, index], source))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, portableValue(each, [...at, key], source)]),
  )
}

/** Text as it is; where it names a file, from the root on, since the server may run in another directory. */
function fromHere(text: string, at: Path, { directory }: Source): string {
  const [first, second] = at
  if (first === 'extends') return fileNamed(text, directory) ?? text
  const isFile = first === 'options' && (second === 'certfile' || second === 'keyfile')
  const isDirectory = first === 'files' && at.length === 1 && /[\\/]|^\.+$/.test(text)
  return isFile || isDirectory ? path.resolve(directory, text) : text
}
