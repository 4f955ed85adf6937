import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { readArguments } from '../src/cli/arguments.ts'
import { run } from './support/run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

/** A project in which `ftp-fixture` is installed, as far as its imports can tell. */
async function project(): Promise<{ path: string; cleanup: () => Promise<void> }> {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  const modules = path.join(directory, 'node_modules')
  mkdirSync(modules)
  symlinkSync(root, path.join(modules, 'ftp-fixture'))
  for (const name of ['vitest', 'basic-ftp'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }')
  return { path: directory, cleanup }
}

const node = (directory: string, ...args: string[]) => run(directory, process.execPath, args)

test.each(examples.map((code, index) => [index + 1, code] as const))('example %i runs', async (_number, code) => {
  const { path: directory, cleanup } = await project()
  const forVitest = code.includes("from 'vitest'")
  const { code: script } = await transform(code, { loader: 'ts', target: 'node20', format: 'esm' })
  const file = forVitest ? 'example.test.mjs' : 'example.mjs'
  writeFileSync(path.join(directory, file), script)
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { status, output } = await node(directory, ...(forVitest ? [vitest, 'run', '--root', directory] : [file]))
  expect(status, output).toBe(0)
  await cleanup()
})

test('the transcript in the README is the one that its example prints', async () => {
  const { path: directory, cleanup } = await project()
  const code = examples.find((each) => each.includes('String(ftp.transcript)')) ?? ''
  writeFileSync(path.join(directory, 'example.mjs'), (await transform(code, { loader: 'ts', target: 'node20' })).code)
  const { output } = await node(directory, 'example.mjs')
  const shown = /```\n(# connected[\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const stable = (text: string) =>
    text
      .replaceAll(/:\d{2,}/g, ':N')
      .replaceAll(/[\d.]+ ms/g, 'N ms')
      .trim()
  expect(stable(output)).toBe(stable(shown))
  await cleanup()
})

test('every command line in the README is one that the program takes', () => {
  const lines = [...readme.matchAll(/^npx ftp-fixture(.*)$/gm)].map(([, args = '']) => args.replace(/#.*/, '').trim())
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) expect(() => readArguments(line.split(/\s+/).filter(Boolean)), line).not.toThrow()
})

test('the set-up commands in the README are the ones that CI runs', () => {
  const ci = readFileSync(path.join(root, '.ci', 'run'), 'utf8')
  for (const command of ['npm ci', 'npm start', 'npm test']) {
    expect(readme).toContain(command)
    expect(ci).toContain(command)
  }
})
