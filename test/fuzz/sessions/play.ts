import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { randomBytes, type Transcript } from '../../../src/index.ts'
import { formatReply } from '../../../src/protocol/reply.ts'
import type { FTPHandler, FTPServer } from '../../../src/server.ts'
import { SessionClient } from './client.ts'
import { type Command, command } from './command.ts'
import type { Flight, Script } from './commands.ts'
import { turn } from './data-plan.ts'
import { PASSWORD, SessionModel } from './model.ts'
import { directory, file, ModelFiles } from './model-files.ts'
import { Inconclusive } from './uploads.ts'

const TEXT = Buffer.from('one\ntwo\r\nthree\r\n\nfour\r')
const CONTENTS: Readonly<Record<string, Buffer>> = {
  '/a': Buffer.concat(Array.from({ length: 20 }, () => TEXT)),
  '/b.txt': Buffer.alloc(65_537, 'a line\n'),
  '/c.bin': Buffer.from(randomBytes('300KiB', { seed: 7 })),
  '/d/a': Buffer.alloc(0),
}

/** Files for one session, on the disk and in the model. */
export function plantFiles(root: string): ModelFiles {
  const files = new ModelFiles()
  mkdirSync(path.join(root, 'd'), { recursive: true })
  files.put('/d', directory())
  for (const [at, content] of Object.entries(CONTENTS)) {
    writeFileSync(path.join(root, at), content)
    files.put(at, file(content))
  }
  return files
}

/** A session to play: by whom, on which server. */
export interface Stage {
  readonly server: FTPServer
  readonly user: string
  /** The home of the user. */
  readonly root: string
  /** Whether clients may encrypt their connections. */
  readonly speaksTls?: boolean
  /** The record of a fixture's, which has to agree with what the client has seen. */
  readonly transcript?: Transcript
}

/**
 * Plays a session against the model, and holds the files against it when it is over. Resolves with what was said; it ends
 * early where the model cannot know any more.
 */
export async function playSession(script: Script, stage: Stage): Promise<string> {
  try {
    return String(await play(script, stage))
  } catch (error) {
    if (error instanceof Inconclusive) return 'inconclusive'
    throw error
  }
}

async function play({ flights, leaves }: Script, stage: Stage): Promise<SessionClient> {
  const files = plantFiles(stage.root)
  const model = new SessionModel(files, [stage.user], stage.speaksTls)
  using client = await SessionClient.connect(stage.server.address, model, stage.root)
  const handler = [...stage.server.sessions].find(({ remotePort }) => remotePort === client.port)
  if (handler === undefined) throw new Error('the server does not know the session')
  for (const flight of flights) await fly(client, flight, handler)
  await leave(client, leaves)
  await client.patiently('the end of the session', handler.settled)
  if (stage.transcript) expectOnRecord(stage.transcript, handler.id, client)
  const wrong = client.isSettled ? files.differences(stage.root) : []
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${client}`)
  return client
}

/** Holds what the client has seen against the record; what it did not wait for may be on record all the same. */
function expectOnRecord(transcript: Transcript, session: number, client: SessionClient): void {
  const sent = transcript.replies().filter((reply) => reply.session === session)
  const seen = client.replies.map(({ text }) => text)
  const recorded = sent.map((reply) => formatReply(reply).replaceAll('\r\n', '\n').trimEnd())
  expect(recorded.slice(0, seen.length), `the record of:\n${client}`).toEqual(seen)
  if (client.isSettled) expect(recorded.length, `replies that did not arrive:\n${client}`).toBe(seen.length)
}

async function fly(client: SessionClient, flight: Flight, handler: FTPHandler): Promise<void> {
  const { model } = client
  if (model.isOver) return
  const { commands, cuts, turns, then, secures } = flight
  if (secures !== undefined) return client.secure(secures)
  await client.say(commands, { cuts, turns })
  if (then === 'go on') return
  await client.answered()
  if (model.isOver) return
  if (model.transfer !== undefined && (then === 'abort' || !client.isSureToEnd)) {
    await client.say([...(model.login === 'done' ? [] : logIn(model.users)), command('ABOR')], { cuts: [], turns: 0 })
    await client.answered()
    if (model.isOver) return
  }
  await client.transferred()
  await expectState(model, handler, client)
}

/** ABOR needs a login, and the user may have left amid a transfer. */
function logIn([user]: readonly string[]): Command[] {
  return [command('USER', user), command('PASS', PASSWORD)]
}

/** Holds the session against the model when nothing is under way. */
async function expectState(model: SessionModel, { session }: FTPHandler, client: SessionClient): Promise<void> {
  const isSetUp = () => session.dataConnection.state.is !== 'closed'
  for (let n = 0; n < 50 && isSetUp() !== model.isDataSetUp; n++) await turn(1)
  const state = {
    login: session.login.step,
    cwd: session.login.step === 'done' ? session.fs.cwd : model.cwd,
    type: session.type,
    restartMarker: session.restartMarker,
    renameFrom: session.renameFrom,
    epsvAll: session.epsvAll,
    failedLogins: session.failedLogins,
    protection: session.protection,
    isDataSetUp: isSetUp(),
  }
  const { login, cwd, type, restartMarker, renameFrom, epsvAll, failedLogins, protection, isDataSetUp } = model
  expect(state, `the state behind:\n${client}`).toEqual({
    ...{ login, cwd, type, restartMarker, renameFrom, epsvAll, failedLogins, protection, isDataSetUp },
  })
}

async function leave(client: SessionClient, how: Script['leaves']): Promise<void> {
  if (how === 'fin' || how === 'rst') return client.vanish(how)
  if (how === 'half' && !client.model.isOver) return client.leave()
  await client.say([command('QUIT')], { cuts: [], turns: 0 })
  await client.answered()
  // The server would wait for a transfer that never ends.
  return client.isSureToEnd ? client.closed() : client.vanish('fin')
}
