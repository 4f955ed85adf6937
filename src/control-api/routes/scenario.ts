import path from 'node:path'
import type { Kit } from '../../faults/fault.ts'
import { invalidOption, isString, rejectUnknownKeys } from '../../options/check.ts'
import type { Scenario } from '../../scenario/schema.ts'
import { fileNamed } from '../../scenario/source.ts'
import { route } from '../route.ts'
import { written } from '../schemas.ts'

interface ScenarioFile {
  readonly file: string
}

/** The ways the server misbehaves, and whether clients stood it. */
export const scenarioRoutes = [
  route({
    method: 'GET',
    path: '/scenarios',
    operation: 'listScenarios',
    summary: 'The built-in scenarios.',
    answer: {
      description: 'The scenarios, by name.',
      json: (z) => z.array(z.strictObject({ name: z.string(), description: z.string(), theme: z.string().optional() })),
    },
    run: ({ service }) => service.catalogue(),
  }),
  route({
    method: 'GET',
    path: '/scenario',
    operation: 'explainScenario',
    summary: 'What became of each rule of the scenario in use.',
    answer: { description: 'What each applied to, or what came nearest; all of it as text, too.', json: explanation },
    run: ({ handle }) => {
      const explained = handle.explain()
      return { scenario: explained.scenario, rules: explained.rules, text: String(explained) }
    },
  }),
  route({
    method: 'PUT',
    path: '/scenario',
    operation: 'useScenario',
    summary: 'Has the server misbehave: as a built-in scenario says, one in a file, or one that is given here.',
    body: { is: 'value', yaml: true, schema: scenarioBody },
    answer: { description: 'The scenario is in use.' },
    refusals: [409],
    run: ({ handle, body }) => handle.use(scenarioIn(body)),
  }),
  route({
    method: 'DELETE',
    path: '/scenario',
    operation: 'endScenario',
    summary: 'Ends the scenario: the server behaves.',
    answer: { description: 'None is in use.' },
    refusals: [409],
    run: ({ handle }) => handle.reset(),
  }),
  route({
    method: 'POST',
    path: '/rules',
    operation: 'addRule',
    summary: 'Adds a rule to the scenario in use, or begins one with it.',
    body: { is: 'value', yaml: true, schema: (z) => written(z, 'Rule') },
    answer: { description: 'The rule is there.' },
    refusals: [409],
    run: ({ handle, body }) => handle.add(body),
  }),
  route({
    method: 'POST',
    path: '/verify',
    operation: 'verify',
    summary: 'Holds what clients did against what is expected: by the scenario in use, or by the expectation given.',
    body: {
      is: 'value',
      yaml: true,
      optional: true,
      schema: (z) => z.strictObject({ expectation: written(z, 'Expectation').optional() }),
    },
    answer: { description: 'All of it came true.' },
    refusals: [409, 422],
    run: ({ handle, body }) => handle.verify(body.expectation),
  }),
]

function scenarioBody(z: Kit) {
  return z.union([
    z.string().meta({ description: 'The name of a built-in scenario.' }),
    z.strictObject({ file: z.string().meta({ description: "An absolute path on the server's machine." }) }),
    written(z, 'Scenario'),
  ])
}

function scenarioIn(body: string | ScenarioFile | Scenario): string | Scenario {
  if (typeof body === 'string') {
    if (fileNamed(body, '/') === undefined) return body
    throw invalidOption('body', body, 'the name of a scenario; a file is {"file": "/absolute/path"}')
  }
  if (!('file' in body)) return body
  rejectUnknownKeys(body, ['file'])
  const file = isString(body.file, 'body: file')
  if (path.isAbsolute(file)) return file
  // Relative to what, nobody could tell from another process.
  throw invalidOption('body: file', file, 'an absolute path')
}

function explanation(z: Kit) {
  const rule = z.strictObject({
    rule: z.string().meta({ description: 'Its name, or rules[0].' }),
    applied: z.int().min(0),
    effects: z.record(z.string(), z.int().min(0)).meta({ description: 'How often each fault has done something.' }),
    isUnfired: z.boolean().meta({ description: 'Whether it never applied though it is not optional.' }),
    sentences: z.array(z.string()),
  })
  return z.strictObject({
    scenario: z.string().meta({ description: "'' where none is in use." }),
    rules: z.array(rule),
    text: z.string(),
  })
}
