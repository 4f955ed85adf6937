import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'

const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')

/** TypeScript as Biome formats it. */
export function formatted(text: string, file: string): string {
  const options = { input: text, encoding: 'utf8' } as const
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], options)
}
