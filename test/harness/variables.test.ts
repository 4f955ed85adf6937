import { expect, test } from 'vitest'
import { variableSources } from '../../src/harness/variables.ts'

test('each variable sets its option; the options as JSON count least', () => {
  const environment = {
    FTP_FIXTURE_OPTIONS: '{"port": 2121, "timeout": "5s"}',
    FTP_FIXTURE_SCENARIO: 'slow-download',
    FTP_FIXTURE_FILES: 'basic',
    FTP_FIXTURE_TLS: '1',
    FTP_FIXTURE_PORT: '2122',
    FTP_FIXTURE_LOG: 'debug',
    FTP_URL: 'ftp://elsewhere',
  }
  const sources = variableSources(environment)
  expect(sources[0]?.name).toBe('FTP_FIXTURE_OPTIONS')
  expect(Object.assign({}, ...sources.map(({ options }) => options))).toEqual({
    port: 2122,
    timeout: '5s',
    scenario: 'slow-download',
    files: 'basic',
    tls: true,
    log: 'debug',
  })
})

test('an empty variable sets nothing, as CI systems mean it; that of the config file is not an option', () => {
  expect(variableSources({ FTP_FIXTURE_SCENARIO: '', FTP_FIXTURE_CONFIG: 'x.yaml' })).toEqual([])
  expect(variableSources({ FTP_FIXTURE_TLS: 'false' })).toMatchObject([{ options: { tls: false } }])
})

test.each([
  [
    { FTP_FIXTURE_SCENRIO: 'x' },
    'FTP_FIXTURE_SCENRIO: unknown environment variable; did you mean "FTP_FIXTURE_SCENARIO"?',
  ],
  [{ FTP_FIXTURE_PORT: '21x' }, 'FTP_FIXTURE_PORT: expected a whole number from 0 to 65535, found "21x"'],
  [{ FTP_FIXTURE_TLS: 'yes' }, "FTP_FIXTURE_TLS: expected 'true' or 'false' or '1' or '0', found \"yes\""],
  [{ FTP_FIXTURE_LOG: 'all' }, "FTP_FIXTURE_LOG: expected 'info' or 'debug', found \"all\""],
  [{ FTP_FIXTURE_OPTIONS: '{' }, expect.stringContaining('FTP_FIXTURE_OPTIONS: no JSON: ')],
])('%j is refused', (environment: NodeJS.ProcessEnv, message) => {
  expect(() => variableSources(environment)).toThrow(expect.objectContaining({ message }))
})
