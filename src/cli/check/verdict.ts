import { stripVTControlCharacters } from 'node:util'
import { visible } from '../../handlers/event-text.ts'
import type { Outcome } from '../../scenario/schema.ts'
import { shortened } from '../../scenario/words.ts'
import type { Ending } from '../run/command.ts'
import type { PlayResult } from '../run/play.ts'
import { type Work, workMissing } from './work.ts'

/** What a client made of a scenario. */
export type Verdict = 'coped' | 'reported' | 'hung' | 'fooled' | 'gave up' | 'not met'

/** A verdict, and what it rests on in a sentence. */
export interface Judgement {
  readonly verdict: Verdict
  readonly why: string
}

/** What a judgement rests on. */
export type Played = Pick<PlayResult, 'ending' | 'output' | 'durationMs' | 'missed' | 'rules' | 'events'>

/** Whether a verdict is one that a good client gets. */
export function isPass(verdict: Verdict): boolean {
  return verdict === 'coped' || verdict === 'reported'
}

/** How a sentence begins on a command that must not come, whether the client succeeds or fails: a password in clear. */
const FORBIDDEN = /^commands(\[\d+\])?\.never\[/

/** Says what a client made of a scenario: by what it did and by the exit status, held against what a good one says. */
export function judge(played: Played, outcome: Outcome, baseline: Work): Judgement {
  const { ending } = played
  if (ending.is === 'timed out') return { verdict: 'hung', why: `still running after ${seconds(played.durationMs)}` }
  const unmet = whyNotMet(played)
  if (unmet !== undefined) return { verdict: 'not met', why: unmet }
  const forbidden = played.missed.find((sentence) => FORBIDDEN.test(sentence))
  if (forbidden !== undefined) return { verdict: 'fooled', why: `was led into what it must not do: ${forbidden}` }
  const crash = crashOf(ending)
  if (crash !== undefined) return { verdict: 'gave up', why: `died: ${crash}` }
  const claimsSuccess = ending.is === 'exited' && ending.status === 0
  return claimsSuccess ? onSuccess(played, outcome, baseline) : onFailure(played, outcome)
}

function onSuccess({ missed, events }: Played, outcome: Outcome, baseline: Work): Judgement {
  const wrong =
    outcome === 'failure' ? 'what it was told to do cannot be done' : (missed[0] ?? workMissing(events, baseline))
  if (wrong !== undefined) return { verdict: 'fooled', why: `claims success, though: ${wrong}` }
  return { verdict: 'coped', why: 'did all that it was told to' }
}

function onFailure({ ending, output }: Played, outcome: Outcome): Judgement {
  const status = ending.is === 'exited' ? `exit status ${ending.status}` : 'ended'
  const last = lastLine(output)
  const why = last === '' ? status : `${status}: ${last}`
  if (outcome === 'success') return { verdict: 'gave up', why }
  return { verdict: 'reported', why }
}

/** Why a client was not tested at all, if it was not. */
function whyNotMet({ rules }: Played): string | undefined {
  const unfired = rules.find(({ isUnfired }) => isUnfired)
  if (unfired !== undefined) return `${unfired.rule} ${unfired.sentences.join('; ')}`
  const isUntouched = rules.length > 0 && rules.every(({ applied }) => applied === 0)
  return isUntouched ? 'nothing came that any of its rules is about' : undefined
}

/** What shells say of a program that a signal has ended: 128 and the number of the signal. */
const CRASHES: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  139: 'SIGSEGV',
}

function crashOf(ending: Ending): string | undefined {
  if (ending.is === 'killed') return ending.signal
  return ending.is === 'exited' ? CRASHES[ending.status] : undefined
}

function lastLine(output: string): string {
  return shortened(visible(stripVTControlCharacters(output).trimEnd().split('\n').at(-1)?.trim() ?? ''), 120)
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
