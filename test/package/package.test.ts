import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { dir } from 'tmp-promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const projects = fileURLToPath(new URL('projects', import.meta.url))
const modules = path.join(root, 'node_modules')

/** A directory that holds the package as it would be published, beside copies of the sample projects. */
let place: { path: string; cleanup: () => Promise<void> }

beforeAll(async () => {
  place = await dir({ unsafeCleanup: true })
  const packed = await run(place.path, 'npm', ['pack', root, '--ignore-scripts', '--silent'])
  expect(packed.status, packed.output).toBe(0)
  const installed = path.join(place.path, 'node_modules')
  mkdirSync(installed)
  const tarball = path.join(place.path, packed.output.trim().split('\n').at(-1) ?? '')
  const unpacked = await run(installed, 'tar', ['xzf', tarball])
  expect(unpacked.status, unpacked.output).toBe(0)
  symlinkSync('package', path.join(installed, 'ftp-fixture'))
  for (const name of ['tmp-promise', 'tmp', 'basic-ftp', 'vitest', 'jest', 'typescript', '@types', 'undici-types']) {
    symlinkSync(path.join(modules, name), path.join(installed, name))
  }
  cpSync(projects, place.path, { recursive: true })
})

afterAll(() => place.cleanup())

const node = (project: string, ...args: string[]) => run(path.join(place.path, project), process.execPath, args)

test('the package holds what it needs and nothing else', () => {
  const manifest = JSON.parse(readFileSync(path.join(place.path, 'node_modules/ftp-fixture/package.json'), 'utf8')) as {
    readonly scripts: Record<string, string>
  }
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(manifest.scripts).not.toHaveProperty(hook)
})

/** What is loaded with the first scenario, or the first control API, and not before. */
const LATE = ['zod', 'yaml', 'picomatch', 'hono', '@hono']

test('scenarios and control APIs cost nothing until there is one', async () => {
  const load = (entry: string) =>
    node('node-test', '--input-type=module', '--eval', `await import(${JSON.stringify(entry)})`)
  for (const entry of ['ftp-fixture', 'ftp-fixture/server', 'ftp-fixture/scenario']) {
    expect(await load(entry), entry).toMatchObject({ status: 0 })
  }
  // They are not even there yet.
  expect((await load('zod')).output).toContain('ERR_MODULE_NOT_FOUND')
  for (const name of LATE) symlinkSync(path.join(modules, name), path.join(place.path, 'node_modules', name))
})

test('vitest: ES modules in TypeScript; a failing wait shows the dialogue', async () => {
  const { status, output } = await node('vitest', path.join(modules, 'vitest/vitest.mjs'), 'run', '--root', '.')
  expect(status, output).toBe(1)
  expect(output).toContain('2 passed')
  expect(output).toContain('1 failed')
  expect(output).toContain("waited 1 ms in vain for { type: 'command', verb: 'STOR' }; what happened was:")
  expect(output).toContain('C: NOOP')
})

test('jest: CommonJS', async () => {
  const { status, output } = await node('jest', path.join(modules, 'jest/bin/jest.js'), '--ci', '--rootDir', '.')
  expect(status, output).toBe(0)
  expect(output).toContain('3 passed')
})

test('jest: ES modules', async () => {
  const jest = path.join(modules, 'jest/bin/jest.js')
  const { status, output } = await node('jest-esm', '--experimental-vm-modules', jest, '--ci', '--rootDir', '.')
  expect(status, output).toBe(0)
  expect(output).toContain('1 passed')
})

test('node:test: ES modules', async () => {
  const { status, output } = await node('node-test', '--test')
  expect(status, output).toBe(0)
})

test('types: ES modules and CommonJS, without skipLibCheck', async () => {
  const tsc = path.join(modules, 'typescript/bin/tsc')
  const { status, output } = await node('types', tsc, '--project', '.')
  expect(status, output).toBe(0)
})

test('the program runs', async () => {
  const main = path.join(place.path, 'node_modules/ftp-fixture/dist/cli/main.js')
  const { status, output } = await node('types', main, '--version')
  expect([status, output]).toEqual([0, '0.1.0\n'])
})
