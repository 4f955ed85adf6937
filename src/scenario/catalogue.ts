import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../../scenarios/', import.meta.url))

/** The names of the built-in scenarios. */
export function scenarioNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
}

/** The file of a built-in scenario. */
export function scenarioFile(name: string): string {
  return path.join(directory, `${name}.yaml`)
}
