import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { LoadedScenario } from './load.ts'

/** A scenario as it is when it has been read and checked, made anew each time. */
type Compiled = Readonly<Record<string, () => Omit<LoadedScenario, 'place'>>>

/** What the build makes of the built-in scenarios; where there was none, there is no such file. */
const FILE = fileURLToPath(new URL('./built-in.js', import.meta.url))

let compiled: Compiled | undefined

/** A built-in scenario as the build has read and checked it: no schema, and no reader of YAML, has to be loaded for it. */
export function compiledScenario(name: string): Omit<LoadedScenario, 'place'> | undefined {
  compiled ??= existsSync(FILE) ? (createRequire(import.meta.url)(FILE) as Compiled) : {}
  return Object.hasOwn(compiled, name) ? compiled[name]?.() : undefined
}
