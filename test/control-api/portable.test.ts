import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { portable, portableScenario } from '../../src/control-api/client/portable.ts'
import type { Scenario } from '../../src/index.ts'

const here = (file: string) => path.resolve(file)

test('a name stays a name, and a file is named from the root on', () => {
  expect(portableScenario('slow-download')).toBe('slow-download')
  expect(portableScenario('no-such')).toBe('no-such')
  expect(portableScenario('scenarios/a.yaml')).toEqual({ file: here('scenarios/a.yaml') })
  expect(portableScenario('a.json')).toEqual({ file: here('a.json') })
  expect(portableScenario(pathToFileURL('/tmp/ä b.yaml'))).toEqual({ file: '/tmp/ä b.yaml' })
  expect(portableScenario('file:///tmp/a.yaml')).toEqual({ file: '/tmp/a.yaml' })
  expect(() => portableScenario('http://example.com/a.yaml')).toThrow('expected the URL of a file')
})

test('what a scenario names is named from the root on, too', () => {
  const scenario: Scenario = {
    extends: ['./base.yaml', 'slow-download'],
    options: { certfile: 'cert.pem', banner: './not/a/file' },
    files: './world',
  }
  expect(portableScenario(scenario)).toEqual({
    extends: [here('base.yaml'), 'slow-download'],
    options: { certfile: here('cert.pem'), banner: './not/a/file' },
    files: here('world'),
  })
  expect(portableScenario({ extends: 'b.yaml', files: 'basic' })).toEqual({ extends: here('b.yaml'), files: 'basic' })
  expect(portableScenario({ files: pathToFileURL('/srv/world') })).toEqual({ files: '/srv/world' })
})

test('bytes and times go as data', () => {
  const modified = new Date(1000)
  const files = { 'a.bin': Buffer.from([0, 255]), 'b.txt': { content: './b', modified } }
  expect(portableScenario({ files })).toEqual({
    files: { 'a.bin': { base64: 'AP8=' }, 'b.txt': { content: './b', modified: 1000 } },
  })
  const foreign = runInNewContext('({ files: { a: new Uint8Array([1]), b: { modified: new Date(5) } } })') as Scenario
  expect(portableScenario(foreign)).toEqual({ files: { a: { base64: 'AQ==' }, b: { modified: 5 } } })
})

test('a function is refused where it stands, and what is no scenario at all', () => {
  const rules = [{ then: { delay: '5ms' } }, { then: () => undefined }] as never
  expect(() => portableScenario({ name: 'mine', rules })).toThrow(
    "scenario 'mine': rules[1].then: a function cannot go to a server in another process",
  )
  expect(() => portable({ then: { run: () => undefined } } as never, 'rule')).toThrow('rule: then.run: a function')
  expect(() => portable({ commands: [5n] } as never, 'expectation')).toThrow('expectation: commands[0]: a bigint')
  expect(() => portableScenario(Promise.resolve() as never)).toThrow('scenario: expected an object')
})
