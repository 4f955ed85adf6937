import type { LiveView } from './live-view.ts'

interface LiveKey {
  readonly help: string
  readonly run: (view: LiveView) => void
}

/** What keys do while no question is open. */
export const liveKeys: ReadonlyMap<string, LiveKey> = new Map<string, LiveKey>([
  ['s', { help: 'choose another scenario, by name or file', run: (view) => view.chooseScenario() }],
  ['r', { help: 'end the scenario', run: (view) => view.endScenario() }],
  ['e', { help: 'explain what became of its rules', run: (view) => view.explain() }],
  ['l', { help: 'list the open sessions', run: (view) => view.listSessions() }],
  ['p', { help: 'pause, and go on', run: (view) => view.pause() }],
  ['c', { help: 'clear the screen and the transcript', run: (view) => view.clear() }],
  ['w', { help: 'write the transcript to a file', run: (view) => view.writeTranscript() }],
  ['?', { help: 'show the keys', run: (view) => view.showKeys() }],
  ['q', { help: 'stop', run: (view) => view.stop('q') }],
])

/** The keys, a line each. */
export function keysText(): string {
  return [...liveKeys].map(([key, { help }]) => `${key}  ${help}`).join('\n')
}
