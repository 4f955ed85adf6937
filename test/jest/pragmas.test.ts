import { expect, test } from 'vitest'
import { type Pragmas, pragmaOptions } from '../../src/jest/pragmas.ts'

test('pragmas set options; those of others mean nothing', () => {
  expect(pragmaOptions({ 'ftp-scenario': 'slow-download', 'ftp-files': 'basic ', 'ftp-tls': '' })).toEqual({
    scenario: 'slow-download',
    files: 'basic',
    tls: true,
  })
  expect(pragmaOptions({ 'ftp-tls': 'false', 'jest-environment': 'node', author: ['a', 'b'] })).toEqual({ tls: false })
  expect(pragmaOptions({})).toEqual({})
})

const cases: [Pragmas, string][] = [
  [{ 'ftp-scenaro': 'x' }, '@ftp-scenaro: unknown pragma; did you mean "@ftp-scenario"?'],
  [{ ftp: 'scenario: disk-full' }, '@ftp: unknown pragma; one of: @ftp-scenario, @ftp-files, @ftp-tls'],
  [{ ftpScenario: 'x' }, '@ftpScenario: unknown pragma; did you mean "@ftp-scenario"?'],
  [{ 'ftp-zzz': 'x' }, '@ftp-zzz: unknown pragma; one of: @ftp-scenario, @ftp-files, @ftp-tls'],
  [{ 'ftp-files': ['basic', 'names'] }, '@ftp-files: is there 2 times (basic, names); a test file has one server'],
  [{ 'ftp-scenario': '' }, '@ftp-scenario: expected one name, as in "@ftp-scenario slow-download", found ""'],
  [{ 'ftp-files': 'basic names' }, '@ftp-files: expected one name, as in "@ftp-files basic", found "basic names"'],
  [{ 'ftp-tls': 'maybe' }, '@ftp-tls: expected nothing, "true" or "false" behind it, found "maybe"'],
]

test.each(cases)('%j is refused', (pragmas, message) => {
  expect(() => pragmaOptions(pragmas)).toThrow(expect.objectContaining({ message }))
})
