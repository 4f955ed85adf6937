import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { serveRequest } from '../src/cli/arguments.ts'
import { checkTogether, readCommandLine } from '../src/cli/command-line.ts'
import { run } from './support/run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/```(ts|js|yaml)( root)?\n([\s\S]*?)```/g)].map(([, language, root, code = '']) => ({
  code,
  language,
  needsRoot: root !== undefined,
  /** Named in its first line: a file that other examples use. */
  file: /^(?:\/\/|#) (\S+\.(?:js|yaml))\n/.exec(code)?.[1],
}))
const examples = blocks.filter(({ file }) => file === undefined)

/** Starting a runner takes its time where processors are few. */
const EXAMPLE_LIMIT_MS = 120_000

/** A project in which `ftp-fixture` is installed, as far as its imports can tell. */
async function project(): Promise<{ path: string; cleanup: () => Promise<void> }> {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  const modules = path.join(directory, 'node_modules')
  mkdirSync(modules)
  symlinkSync(root, path.join(modules, 'ftp-fixture'))
  for (const name of ['vitest', 'jest', '@jest', 'mocha', 'basic-ftp'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }')
  copyFileSync(path.join(root, 'test', 'support', 'certificate.pem'), path.join(directory, 'certificate.pem'))
  for (const { file, code } of blocks) {
    if (file !== undefined) writeFileSync(path.join(directory, file), code)
  }
  return { path: directory, cleanup }
}

/** The example in JavaScript; as it is where it is that already, as comments may matter. */
async function compiled({ code, language }: Pick<(typeof blocks)[number], 'code' | 'language'>): Promise<string> {
  if (language === 'js') return code
  return (await transform(code, { loader: 'ts', target: 'node20', format: 'esm' })).code
}

/** Who runs an example, and what it is called there. */
function runnerOf(code: string): { readonly file: string; readonly args: readonly string[] } {
  const program = (...inner: string[]) => path.join(root, 'node_modules', ...inner)
  const file = 'example.test.mjs'
  if (code.includes("from 'vitest'")) return { file, args: [program('vitest', 'vitest.mjs'), 'run'] }
  if (code.includes("from '@jest/globals'")) {
    return { file, args: ['--experimental-vm-modules', program('jest', 'bin', 'jest.js'), '--rootDir', '.'] }
  }
  if (code.includes("from 'mocha'")) return { file, args: [program('mocha', 'bin', 'mocha.js')] }
  return { file: 'example.mjs', args: [] }
}

const node = (directory: string, ...args: string[]) => run(directory, process.execPath, args)

test.each(examples.map((example, index) => [index + 1, example] as const))(
  'example %i runs',
  async (_number, { code, language, needsRoot }) => {
    if (needsRoot && process.getuid?.() !== 0) return
    const { path: directory, cleanup } = await project()
    const { file, args } = runnerOf(code)
    writeFileSync(path.join(directory, file), await compiled({ code, language }))
    const { status, output } = await node(directory, ...args, file)
    expect(status, output).toBe(0)
    await cleanup()
  },
  EXAMPLE_LIMIT_MS,
)

test('the transcript in the README is the one that its example prints', async () => {
  const { path: directory, cleanup } = await project()
  const example = examples.find(({ code }) => code.includes('String(ftp.transcript)')) ?? { code: '', language: 'ts' }
  writeFileSync(path.join(directory, 'example.mjs'), await compiled(example))
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

test('an example of several files is the sample project that is run', () => {
  const files = [...readme.matchAll(/```javascript\n\/\/ (\S+)\n([\s\S]*?)```/g)]
  expect(files.map(([, file]) => file)).toEqual(['jest.config.cjs', 'report.test.js'])
  const project = path.join(root, 'test', 'package', 'projects', 'jest-cjs')
  for (const [, file = '', code] of files) expect(readFileSync(path.join(project, file), 'utf8')).toBe(code)
})

test('every command line in the README is one that the program takes', () => {
  const lines = [...readme.matchAll(/^npx ftp-fixture(.*)$/gm)].map(([, args = '']) => args.replace(/#.*/, '').trim())
  expect(lines.length).toBeGreaterThan(3)
  for (const args of lines) {
    const read = () => {
      const line = readCommandLine(args.replaceAll("'", '').split(/\s+/).filter(Boolean))
      checkTogether(line)
      if (line.name === 'serve') serveRequest(line)
    }
    expect(read, args).not.toThrow()
  }
})

test('the set-up commands in the README are the ones that CI runs', () => {
  const ci = readFileSync(path.join(root, '.ci', 'run'), 'utf8')
  for (const command of ['npm ci', 'npm start', 'npm test']) {
    expect(readme).toContain(command)
    expect(ci).toContain(command)
  }
})
