import { loadScenario } from './load.ts'
import type { Scenario } from './schema.ts'

/**
 * A scenario written in code, checked at once: throws `ScenarioError` where it could not be played.
 *
 * @example
 * const cut = defineScenario({
 *   name: 'cut',
 *   rules: [{ when: { command: 'RETR' }, times: 1, then: { cut: { after: '32KiB', with: 'rst' } } }],
 * })
 */
export function defineScenario(scenario: Scenario): Scenario {
  loadScenario(scenario)
  return scenario
}
