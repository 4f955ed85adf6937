export { FtpFixtureError, type FtpFixtureErrorCode } from './options/error.ts'
export { scenarioNames } from './scenario/catalogue.ts'
export { ScenarioError, type ScenarioPlace } from './scenario/error.ts'
export type { Rule, Scenario, ScenarioOptions, Then, When } from './scenario/schema.ts'
