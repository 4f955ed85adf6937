import type { Outcome } from '../../scenario/schema.ts'
import { THEMES } from '../../scenario/themes.ts'
import type { PlayResult } from '../run/play.ts'
import { isPass, type Judgement } from './verdict.ts'

/** What a client made of one scenario. */
export interface ScenarioScore extends Judgement {
  readonly scenario: string
  readonly theme: string
  readonly outcome: Outcome
  /** Missing where it was not played: the client has not met what it needs. */
  readonly played?: PlayResult
}

/** How many scenarios a client passed, of how many. */
export interface Tally {
  readonly passed: number
  /** Those that it met. */
  readonly of: number
  readonly notMet: number
}

/** What a client made of scenarios, by theme. */
export interface Scorecard extends Tally {
  /** The name of the client. */
  readonly client: string
  /** In percent, rounded down: 100 is all of them. */
  readonly score: number
  readonly themes: readonly (Tally & { readonly theme: string })[]
  readonly scenarios: readonly ScenarioScore[]
}

/** Sums up what a client made of scenarios. */
export function scorecard(client: string, scenarios: readonly ScenarioScore[]): Scorecard {
  const total = tally(scenarios)
  const themes = themesOf(scenarios).map((theme) => ({
    theme,
    ...tally(scenarios.filter((score) => score.theme === theme)),
  }))
  const score = total.of === 0 ? 0 : Math.floor((100 * total.passed) / total.of)
  return { client, score, ...total, themes, scenarios }
}

function tally(scenarios: readonly ScenarioScore[]): Tally {
  const met = scenarios.filter(({ verdict }) => verdict !== 'not met')
  const passed = met.filter(({ verdict }) => isPass(verdict))
  return { passed: passed.length, of: met.length, notMet: scenarios.length - met.length }
}

/** Themes of built-in scenarios in their order, others behind them. */
function themesOf(scenarios: readonly ScenarioScore[]): string[] {
  const named = new Set(scenarios.map(({ theme }) => theme))
  const known = THEMES.filter((theme) => named.delete(theme))
  return [...known, ...[...named].sort()]
}

/** The scenarios that a client met and did not pass. */
export function failures({ scenarios }: Scorecard): ScenarioScore[] {
  return scenarios.filter(({ verdict }) => verdict !== 'not met' && !isPass(verdict))
}

/** The scorecard as plain data. */
export function asJson({ scenarios, ...card }: Scorecard): string {
  const rows = scenarios.map(({ played, ...score }) => ({
    ...score,
    ...(played && { ending: played.ending, durationMs: Math.round(played.durationMs) }),
  }))
  return `${JSON.stringify({ ...card, scenarios: rows }, undefined, 2)}\n`
}
