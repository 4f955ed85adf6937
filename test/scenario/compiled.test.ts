import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scenarioNames } from '../../src/scenario/catalogue.ts'
import { readScenario } from '../../src/scenario/load.ts'

type Built = { readonly scenario_load: typeof import('../../src/scenario/load.ts') }

/** As it is published: there, built-in scenarios have been checked already. */
const built = fileURLToPath(new URL('../../dist-cjs/chunks/', import.meta.url))
const require = createRequire(import.meta.url)
const { scenario_load: load } = require(`${built}load-bundle.js`)('scenario') as Built

test.each(scenarioNames())('%s is what has been written', (name) => {
  const { place: _read, ...written } = readScenario(name)
  const { place, ...compiled } = load.loadScenario(name)
  expect(compiled).toEqual(written)
  expect(Object.keys(require(`${built}built-in.js`) as object)).toContain(name)
  expect(place(['rules'])).toEqual(readScenario(name).place(['rules']))
})

test('each time it is a new one: what is done to one has no effect on the next', () => {
  const [name = ''] = scenarioNames()
  expect(load.loadScenario(name)).not.toBe(load.loadScenario(name))
  expect(load.loadScenario(name).rules[0]).not.toBe(load.loadScenario(name).rules[0])
})
