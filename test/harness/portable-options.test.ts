import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { liveOption, portableOptions } from '../../src/harness/portable-options.ts'
import { DummyAuthorizer } from '../../src/server.ts'

test('data goes to another thread as it is, the URL of a file as its path', () => {
  const files = { 'a.bin': new Uint8Array([1]), 'b.txt': { content: 'b', modified: new Date(0) } }
  expect(portableOptions({ files, timeout: '5s' })).toEqual({ files, timeout: '5s' })
  expect(portableOptions({ scenario: pathToFileURL('/tmp/s.yaml') })).toEqual({ scenario: '/tmp/s.yaml' })
})

test('a function cannot go there', () => {
  const message =
    'onEvent: expected data, found a function or a class in it: the server that tests share runs in another thread'
  expect(() => portableOptions({ onEvent: () => {} })).toThrow(message)
  const scenario = { rules: [{ then: () => {} }] }
  expect(() => portableOptions({ scenario })).toThrow(/^scenario: expected data/)
})

test('what has functions in its class is told from data', () => {
  expect(liveOption({ timeout: '5s', authorizer: new DummyAuthorizer() })).toBe('authorizer')
  expect(
    liveOption({ timeout: '5s', files: { 'a.txt': 'a' }, users: [{ username: 'u', password: 'p' }] }),
  ).toBeUndefined()
})
