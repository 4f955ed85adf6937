import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { dir } from 'tmp-promise'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const projects = fileURLToPath(new URL('projects', import.meta.url))
const modules = path.join(root, 'node_modules')
const program = (name: string, ...inner: string[]) => path.join(modules, name, ...inner)

/** What the projects have beside the package: clients, runners, compilers. */
const TOOLS = ['basic-ftp', 'vitest', 'jest', '@jest', '@swc', 'expect', 'jest-environment-node', 'mocha', 'typescript']
const TYPES = ['@types', 'undici-types']
const INSTALL_LIMIT_MS = 180_000

// Starting a runner takes its time where processors are few.
vi.setConfig({ testTimeout: 120_000 })

const SAMENESS = `
import { createRequire } from 'node:module'
import assert from 'node:assert'
import { FtpFixtureError, startFtpServer } from 'ftp-fixture'
import * as server from 'ftp-fixture/server'
const required = createRequire(process.cwd() + '/x.js')('ftp-fixture/server')
assert.deepEqual(Object.keys(required).sort(), Object.keys(server).sort())
for (const [name, value] of Object.entries(server)) {
  assert.equal(value, required[name])
  if (/^class/.test(String(value))) assert.equal(value.name, name)
}
assert.equal(FtpFixtureError, server.FtpFixtureError)
const ftp = await startFtpServer({ tls: true, handler: server.TLS_FTPHandler })
await ftp.stop()
console.log(FtpFixtureError.name, server.FTPHandler.name, server.TLS_FTPHandler.name, server.WindowsAuthorizer.name)
`

const WHAT_IS_LOADED = `
import { createRequire } from 'node:module'
import path from 'node:path'
import { startFtpServer } from 'ftp-fixture'
const { cache } = createRequire(import.meta.url)
const files = () => Object.keys(cache).map((file) => path.basename(file))
const ftp = await startFtpServer()
const before = files()
const late = /^NativeModule (tls|crypto|http|https|worker_threads|stream.web|dns|cluster|child_process|dgram)$/
const builtins = process.moduleLoadList.filter((name) => late.test(name))
ftp.use('slow-download')
await ftp.stop()
console.log(JSON.stringify({ before, scenario: files().slice(before.length), builtins }))
`

const FAKED_LATER = `
const fixture = require('ftp-fixture')
const timers = require('node:timers')
timers.setTimeout = () => { throw new Error('faked') }
fixture.startFtpServer().then(async (ftp) => {
  await ftp.waitFor({ type: 'command' }, { timeout: 1 }).catch(({ message }) => console.log(message.slice(0, 11)))
  await ftp.stop()
})
`

/** A directory with copies of the sample projects, and the package installed for all of them. */
let place: { path: string; cleanup: () => Promise<void> }
let tarball: string

beforeAll(async () => {
  place = await dir({ unsafeCleanup: true })
  const packed = await run(place.path, 'npm', ['pack', root, '--ignore-scripts', '--silent'])
  expect(packed.status, packed.output).toBe(0)
  tarball = path.join(place.path, packed.output.trim().split('\n').at(-1) ?? '')
  writeFileSync(path.join(place.path, 'package.json'), '{ "private": true }')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const installed = await run(place.path, 'npm', ['install', ...quiet, tarball])
  expect(installed.status, installed.output).toBe(0)
  for (const name of [...TOOLS, ...TYPES]) symlinkSync(program(name), path.join(place.path, 'node_modules', name))
  cpSync(projects, place.path, { recursive: true })
}, INSTALL_LIMIT_MS)

afterAll(() => place.cleanup())

const node = (project: string, ...args: string[]) => run(path.join(place.path, project), process.execPath, args)
const vitest = (project: string, ...args: string[]) => node(project, program('vitest', 'vitest.mjs'), 'run', ...args)
const jest = (project: string, ...args: string[]) =>
  node(project, program('jest', 'bin', 'jest.js'), '--ci', '--rootDir', '.', ...args)
const jestEsm = (...args: string[]) =>
  node('jest-esm', '--experimental-vm-modules', program('jest', 'bin', 'jest.js'), '--ci', '--rootDir', '.', ...args)
const mocha = (...args: string[]) => node('mocha', program('mocha', 'bin', 'mocha.js'), ...args)

/** The part of a runner's output that is on one failed test. */
function failure(output: string, start: string, end: string): string {
  const from = output.indexOf(start)
  expect(from, output).toBeGreaterThan(-1)
  const to = output.indexOf(end, from + start.length)
  return output.slice(from, to === -1 ? undefined : to)
}

describe('the package', () => {
  test('holds what it needs and nothing else', () => {
    const manifest = JSON.parse(
      readFileSync(path.join(place.path, 'node_modules/ftp-fixture/package.json'), 'utf8'),
    ) as { readonly scripts: Record<string, string> }
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(hook)
    const installed = path.join(place.path, 'node_modules/ftp-fixture')
    const own = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'dist-cjs', 'fixtures', 'package.json', 'scenarios']
    expect(readdirSync(installed).sort()).toEqual(own)
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /\.(ts|[cm]?js)$/.test(file) && !/^dist.*(\.d\.ts|\.js)$/.test(file))).toEqual([])
    expect(files.filter((file) => /\btest\b(?!-)/.test(file))).toEqual([])
  })

  test('loads what it needs with the first scenario, control API or matcher, and not before', async () => {
    const bare = path.join(place.path, 'bare')
    mkdirSync(path.join(bare, 'node_modules'), { recursive: true })
    writeFileSync(path.join(bare, 'package.json'), '{ "type": "module" }')
    const unpacked = await run(path.join(bare, 'node_modules'), 'tar', ['xzf', tarball])
    expect(unpacked.status, unpacked.output).toBe(0)
    // Not in reach of what is installed for the others.
    await using elsewhere = await movedAway(bare)
    symlinkSync('package', path.join(elsewhere.path, 'node_modules', 'ftp-fixture'))
    for (const name of ['tmp-promise', 'tmp'])
      symlinkSync(program(name), path.join(elsewhere.path, 'node_modules', name))
    const load = (entry: string) =>
      run(elsewhere.path, process.execPath, ['--input-type=module', '--eval', `await import('${entry}')`])
    for (const entry of ['ftp-fixture', 'ftp-fixture/server', 'ftp-fixture/scenario', 'ftp-fixture/matchers'])
      expect(await load(entry), entry).toMatchObject({ status: 0 })
    for (const name of ['zod', 'yaml', 'picomatch', 'hono'])
      expect((await load(name)).output, name).toContain('ERR_MODULE_NOT_FOUND')
  })

  test('is one: classes are the same from every entry point, as ES module and as CommonJS, with their own names', async () => {
    const { status, output } = await node('types', '--input-type=module', '--eval', SAMENESS)
    expect([status, output]).toEqual([0, 'FtpFixtureError FTPHandler TLS_FTPHandler WindowsAuthorizer\n'])
  })

  test('loads a handful of files to start, and nothing that has to do with TLS, HTTP or scenarios', async () => {
    const { status, output } = await node('types', '--input-type=module', '--eval', WHAT_IS_LOADED)
    expect(status, output).toBe(0)
    const [loaded = ''] = output.split('\n')
    expect(JSON.parse(loaded)).toEqual({
      before: ['index.js', 'load-bundle.js', 'bundle-core.js', 'bundle-fixture.js'],
      scenario: ['bundle-scenario.js', 'built-in.js', 'bundle-seldom.js'],
      builtins: [],
    })
  })

  test('has its timers from before a test fakes them, as CommonJS too, where what it loads it loads late', async () => {
    const { status, output } = await node('types', '--input-type=commonjs', '--eval', FAKED_LATER)
    expect([status, output]).toEqual([0, 'waited 1 ms\n'])
  })

  test('has types for ES modules and CommonJS, without skipLibCheck', async () => {
    const { status, output } = await node('types', program('typescript', 'bin', 'tsc'), '--project', '.')
    expect(status, output).toBe(0)
  })

  test('imports no module of Node by default in its types: not every compiler takes that', () => {
    const installed = path.join(place.path, 'node_modules/ftp-fixture')
    const declarations = ['dist', 'dist-cjs'].flatMap((directory) =>
      readdirSync(path.join(installed, directory), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.d.ts'))
        .map((file) => path.join(installed, directory, file)),
    )
    expect(declarations.length).toBeGreaterThan(100)
    const byDefault = /^import (type )?(?!type )\w+(,.*)? from ['"]node:|\bdefault as \w+.* from ['"]node:/m
    expect(declarations.filter((file) => byDefault.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('has a program that runs', async () => {
    const main = path.join(place.path, 'node_modules/ftp-fixture/dist/cli/main.js')
    const { status, output } = await node('types', main, '--version')
    expect([status, output]).toEqual([0, '0.1.0\n'])
  })
})

async function movedAway(directory: string): Promise<AsyncDisposable & { readonly path: string }> {
  const { path: away, cleanup } = await dir({ unsafeCleanup: true })
  cpSync(directory, away, { recursive: true })
  return { path: away, [Symbol.asyncDispose]: cleanup }
}

describe('vitest, a server for each test, ES modules in TypeScript', () => {
  test.each(['forks', 'threads', 'vmThreads', 'forks --no-isolate --maxWorkers=1'])('in the pool %s', async (pool) => {
    const { status, output } = await vitest('vitest', '--pool', ...pool.split(' '), 'sample', 'retries')
    expect(status, output).toBe(0)
    expect(output).toContain('11 passed | 1 expected fail')
  })

  test('failures tell what was said to the server', async () => {
    const { status, output } = await vitest('vitest', 'failing')
    expect(status, output).toBe(1)
    const of = (name: string) => failure(output, `FAIL  failing.test.ts > ${name}`, 'FAIL  ')
    expect(of('an assertion')).toMatch(/expected 2 to be 3[\s\S]*FTP dialogue:\n {2}# connected[\s\S]* {2}C: NOOP\n/)
    expect(of('an assertion')).toContain('failing.test.ts:21:17')
    expect(of('a matcher')).toMatch(/USER user\n[\s\S]*>>> expected here: STOR/)
    expect(of('a matcher')).not.toContain('FTP dialogue:')
    expect(of('a wait')).toContain("waited 1 ms in vain for { type: 'command', verb: 'STOR' }; what happened was:")
    expect(of('the server of the file')).toMatch(
      /expected 3 to be 4[\s\S]*FTP dialogue:\n {2}# connected[\s\S]* {2}C: NOOP\n/,
    )
    expect(of('without it')).not.toContain('FTP dialogue:')
    expect(of('a lane of nothing')).toContain("globalSetup: 'ftp-fixture/vitest/global-setup' starts one")
  })

  test('options that are wrong are told with the test and the place they are of, and without frames', async () => {
    const { status, output } = await vitest('vitest', 'wrong')
    expect(status, output).toBe(1)
    expect(output).toContain('wrong.test.ts > some tests > of a group\nFtpFixtureError: ftpOptions: maxCons: expected')
    expect(output).toContain('wrong.test.ts > of a file\nFtpFixtureError: ftpOptions: no built-in scenario is named')
    expect(output).not.toContain('dist/')
  })

  test('rules that never applied are told once, with the test they are of', async () => {
    const { status, output } = await vitest('vitest', 'unfired')
    expect(status, output).toBe(0)
    const warnings = output.match(/FtpFixtureWarning: .*/g)
    expect(warnings).toHaveLength(2)
    expect(warnings?.join()).toContain(
      'FtpFixtureWarning: unfired.test.ts > a group > of a test: scenario own: rules[0]',
    )
    expect(warnings?.join()).toContain('FtpFixtureWarning: unfired.test.ts: scenario whole: rules[0]')
  })

  test('other reporters show it too', async () => {
    const reporters = ['dot', 'junit', 'github-actions'].flatMap((name) => ['--reporter', name])
    const { status, output } = await vitest('vitest', ...reporters, '-t', 'an assertion', 'failing')
    expect(status, output).toBe(1)
    for (const start of ['AssertionError: ', '<failure message="', '::AssertionError: ']) {
      const shown = failure(output, `${start}expected 2 to be 3`, '221 Goodbye')
      expect(shown).toMatch(/FTP dialogue:(\n|%0A) {2}# connected[\s\S]* {2}C: NOOP(\n|%0A)/)
    }
  })
})

describe('vitest, a server that the tests of several processes share', () => {
  test('each test has a lane of it', async () => {
    const { status, output } = await vitest('vitest-shared', 'one', 'two', 'three', 'whole')
    expect(status, output).toBe(0)
    expect(output).toContain('13 passed')
  })

  test('in watch mode it lives on, and each run finds it as new', async () => {
    const { status, output } = await node('vitest-shared', 'watch.js')
    expect(status, output).toBe(0)
    expect(output).toContain('RERUN')
  })

  test('in watch mode a config file that has changed has tests run again on a server of that', async () => {
    const { status, output } = await node('vitest-shared', 'watch-config.js')
    expect(status, output).toBe(0)
    const told = output.match(/shared\.txt: .*|the server stays what it was; .*: timeout:/g)
    const wrong = 'the server stays what it was; ftp-fixture.config.ts: timeout:'
    const [all, some] = ['shared.txt: for all', 'shared.txt: for some']
    expect(told, output).toEqual([all, some, wrong, some, all])
  })

  test('rules that never applied are told once, with the test in the name of the lane', async () => {
    const { status, output } = await vitest('vitest-shared', 'unfired')
    expect(status, output).toBe(0)
    const warnings = output.match(/FtpFixtureWarning: .*/g)
    expect(warnings).toEqual([expect.stringMatching(/lane "lane-\d+-nothing-is-deleted": scenario rules: rules\[0\]/)])
  })

  test('an option that is wrong is told with its place; functions are taken', async () => {
    const project = path.join(place.path, 'vitest-shared')
    const given = async (options: string) => {
      writeFileSync(path.join(project, 'other.config.mjs'), `export default ${options}`)
      const args = [program('vitest', 'vitest.mjs'), 'run', 'configured']
      return run(project, process.execPath, args, { FTP_FIXTURE_CONFIG: 'other.config.mjs' })
    }
    const wrong = await given("{ timeout: 'abc' }")
    expect(wrong.status, wrong.output).toBe(1)
    expect(wrong.output).toContain('other.config.mjs: timeout: expected milliseconds')
    const live = await given("{ files: { 'shared.txt': 'live' }, onEvent: () => {} }")
    expect(live.status, live.output).toBe(0)
    expect(live.output).toContain('shared.txt: live')
  })

  test('failures tell what was said in the lane', async () => {
    const { status, output } = await vitest('vitest-shared', 'failing')
    expect(status, output).toBe(1)
    const of = (name: string) => failure(output, `FAIL  failing.test.ts > ${name}`, 'FAIL  ')
    expect(of('an assertion')).toMatch(/expected 2 to be 3[\s\S]*FTP dialogue:[\s\S]* {2}C: STOR report.txt\n/)
    expect(of('a matcher')).toMatch(/C: STOR report.txt\n>>> expected: STOR summary.txt/)
  })
})

describe('jest', () => {
  test('CommonJS', async () => {
    const { status, output } = await jest('jest', 'sample', 'environment', 'pragmas', 'timers', 'reset')
    expect(status, output).toBe(0)
    expect(output).toContain('9 passed')
  })

  test('ES modules', async () => {
    const { status, output } = await jestEsm('sample', 'environment')
    expect(status, output).toBe(0)
    expect(output).toContain('2 passed')
  })

  test.each([
    ['in processes of their own', ['--maxWorkers', '2']],
    ['in the process of the setup', ['--runInBand']],
  ])('TypeScript, a server that tests share: %s', async (_where, args) => {
    const { status, output } = await jest('jest-swc', ...args, 'one', 'two')
    expect(status, output).toBe(0)
    expect(output).toContain('2 passed')
  })

  test('CommonJS throughout, a server that tests share, with lanes', async () => {
    const { status, output } = await jest('jest-cjs')
    expect(status, output).toBe(0)
    expect(output).toContain('4 passed')
  })

  test('an option that is wrong is told with its place', async () => {
    const option = `--testEnvironmentOptions=${JSON.stringify({ ftp: { timeout: 'abc' } })}`
    for (const [project, file] of [
      ['jest', 'sample'],
      ['jest-swc', 'one'],
    ] as const) {
      const { status, output } = await jest(project, option, file)
      expect(status, output).toBe(1)
      expect(output).toContain('FtpFixtureError: testEnvironmentOptions.ftp: timeout: expected milliseconds')
    }
  })

  test('rules that never applied are told once, with the file they are of', async () => {
    const { status, output } = await jest('jest', 'unfired')
    expect(status, output).toBe(0)
    const warnings = output.match(/FtpFixtureWarning: .*/g)
    expect(warnings).toEqual([expect.stringContaining(' unfired.test.js: scenario own: rules[0]')])
  })

  test('failures tell what was said to the server', async () => {
    const { status, output } = await jest('jest', 'failing')
    expect(status, output).toBe(1)
    const of = (name: string) => failure(output, `● ${name}\n`, '●')
    expect(of('an assertion')).toMatch(/Received: 2\n\n {4}FTP dialogue:\n {6}# connected[\s\S]* {6}C: NOOP\n/)
    expect(of('an assertion')).toContain('failing.test.js:13:17')
    expect(of('one of node:assert')).toMatch(/Received:\n {6}3\n\n {4}FTP dialogue:[\s\S]* {6}C: NOOP\n/)
    expect(of('one of node:assert')).toContain('failing.test.js:18:10')
    expect(of('a matcher')).toMatch(/USER user\n[\s\S]*>>> expected here: STOR/)
    expect(of('a matcher')).not.toContain('FTP dialogue:')
    expect(of('without the server')).not.toContain('FTP dialogue:')
  })

  test('failures in ES modules and in TypeScript show the marked dialogue', async () => {
    const inModule = await jestEsm('failing')
    expect(inModule.status, inModule.output).toBe(1)
    expect(inModule.output).toMatch(/S: 200 MLST[\s\S]*>>> expected by here: RETR/)
    const inTypeScript = await jest('jest-swc', 'failing')
    expect(inTypeScript.status, inTypeScript.output).toBe(1)
    expect(inTypeScript.output).toMatch(/nothing.txt does not exist/)
  })

  test('a pragma that is misspelt is an error', async () => {
    const { status, output } = await jest('jest', 'misspelt', 'nameless')
    expect(status, output).toBe(1)
    expect(output).toContain('FtpFixtureError: nameless.test.js: @ftp: unknown pragma; one of: @ftp-scenario')
    expect(output).not.toContain('dist-cjs')
    expect(output).toContain('@ftp-scenaro: unknown pragma; did you mean "@ftp-scenario"?')
  })
})

describe('anything else', () => {
  test('node:test', async () => {
    const { status, output } = await node('node-test', '--test')
    expect(status, output).toBe(0)
    const failed = await node('node-test', '--test', 'failing.js')
    expect(failed.status, failed.output).toBe(1)
    expect(failed.output).toMatch(/C: USER user\n[\s\S]*>>> expected here: RETR/)
  })

  test('mocha', async () => {
    const { status, output } = await mocha('sample.js')
    expect(status, output).toBe(0)
    const failed = await mocha('failing.js')
    expect(failed.status, failed.output).toBe(1)
    expect(failed.output).toMatch(/C: USER user\n[\s\S]*>>> expected here: RETR/)
  })
})
