import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { configFileSource, type LoadModule } from '../../src/harness/config-file.ts'

const load: LoadModule = (file) => import(/* @vite-ignore */ pathToFileURL(file).href)
const require = createRequire(import.meta.url)

async function projectWith(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const { path: root, cleanup } = await dir({ unsafeCleanup: true })
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, name), text)
  return { path: root, [Symbol.asyncDispose]: cleanup }
}

test.each([
  ['ftp-fixture.config.mjs', 'export default { files: "basic" }'],
  ['ftp-fixture.config.cjs', 'module.exports = { files: "basic" }'],
  ['ftp-fixture.config.cjs', 'exports.__esModule = true; exports.default = { files: "basic" }'],
  ['ftp-fixture.config.json', '{ "files": "basic" }'],
  ['ftp-fixture.config.yaml', 'files: basic'],
])('%s in the root: %s', async (name, text) => {
  await using project = await projectWith({ [name]: text })
  const expected = [{ name, options: { files: 'basic' } }]
  expect(await configFileSource(project.path, {}, load)).toEqual(expected)
  if (name.endsWith('.cjs')) expect(await configFileSource(project.path, {}, require)).toEqual(expected)
})

test('without a file there are no options; another one is named by FTP_FIXTURE_CONFIG', async () => {
  await using project = await projectWith({ 'other.yaml': 'port: 2121' })
  expect(await configFileSource(project.path, {}, load)).toEqual([])
  const named = await configFileSource(project.path, { FTP_FIXTURE_CONFIG: 'other.yaml' }, load)
  expect(named).toEqual([{ name: 'other.yaml', options: { port: 2121 } }])
})

test('paths that begin with a dot are relative to the file', async () => {
  await using project = await projectWith({
    'ftp-fixture.config.json': '{ "scenario": "./s.yaml", "files": "../files", "banner": "./Hi" }',
  })
  const [source] = await configFileSource(project.path, {}, load)
  expect(source?.options).toEqual({
    scenario: path.join(project.path, 's.yaml'),
    files: path.join(project.path, '../files'),
    banner: './Hi',
  })
})

test.each([
  [{ 'ftp-fixture.config.json': '{' }, {}, 'ftp-fixture.config.json: no JSON: '],
  [{ 'ftp-fixture.config.yaml': '"' }, {}, 'ftp-fixture.config.yaml: no YAML: '],
  [{ 'ftp-fixture.config.mjs': 'export const files = 1' }, {}, 'ftp-fixture.config.mjs: expected options of startFtp'],
  [{ 'ftp-fixture.config.mjs': 'throw new Error("bang")' }, {}, 'ftp-fixture.config.mjs: cannot be loaded: bang'],
  [{}, { FTP_FIXTURE_CONFIG: 'none.yaml' }, 'FTP_FIXTURE_CONFIG: there is no such file: '],
  [{ 'a.txt': '' }, { FTP_FIXTURE_CONFIG: 'a.txt' }, 'FTP_FIXTURE_CONFIG: expected a file that ends in .ts, '],
  [
    { 'ftp-fixture.config.json': '{}', 'ftp-fixture.config.yaml': '{}' },
    {},
    'ftp-fixture.config.json and ftp-fixture.config.yaml: one config file is enough',
  ],
])('%j with %j is refused', async (files, environment: NodeJS.ProcessEnv, message) => {
  await using project = await projectWith(files)
  await expect(configFileSource(project.path, environment, load)).rejects.toMatchObject({
    code: 'ERR_OPTION_INVALID',
    message: expect.stringContaining(message),
  })
})

test('TypeScript that nothing compiles: it is said what helps', async () => {
  await using project = await projectWith({ 'ftp-fixture.config.ts': 'export default {}' })
  const refused: LoadModule = () => {
    throw Object.assign(new TypeError('Unknown file extension ".ts"'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
  }
  await expect(configFileSource(project.path, {}, refused)).rejects.toThrow(
    /TypeScript needs a runner that compiles it/,
  )
})
