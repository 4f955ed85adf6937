import { mkdirSync, rmSync } from 'node:fs'
import fc from 'fast-check'
import { vi } from 'vitest'
import { type FtpFixture, FtpFixtureError, startFtpServer } from '../../src/index.ts'
import { holds } from './runs.ts'
import { scripts } from './sessions/commands.ts'
import { turn } from './sessions/data-plan.ts'
import { faults } from './sessions/faulty.ts'
import { expectBack, holdings } from './sessions/leaks.ts'
import { PASSWORD } from './sessions/model.ts'
import { plantFiles, playSession } from './sessions/play.ts'
import { WeakClient } from './sessions/weak-client.ts'

// Rules that nothing came for are no news here.
vi.spyOn(process, 'emitWarning').mockImplementation(() => {})

const users = ['user', 'alice'].map((username) => ({ username, password: PASSWORD, home: username }))

/** Whether the server speaks TLS: some of our own scenarios need that. */
const speech = fc.constantFrom(false, false, false, true)

/** Puts on what goes wrong; `false` for what needs another server, TLS say. */
function isPutOn(ftp: FtpFixture, fault: Parameters<FtpFixture['use']>[0]): boolean {
  try {
    ftp.use(fault)
    return true
  } catch (error) {
    if (error instanceof FtpFixtureError && error.code === 'ERR_SCENARIO_UNFIT') return false
    throw error
  }
}

/** Lets time pass while something is done. */
async function ticking<T>(ftp: FtpFixture, work: Promise<T>): Promise<T> {
  let isDone = false
  const done = () => {
    isDone = true
  }
  work.then(done, done)
  while (!isDone) {
    await turn(1)
    await ftp.clock.advance(5)
  }
  return work
}

holds(
  'whatever goes wrong, the server lives, nothing is left behind, and the next session is as it should be',
  fc.asyncProperty(faults, speech, scripts('user', 6), scripts('alice', 4), async (fault, tls, weak, next) => {
    const ftp = await startFtpServer({ users, clock: 'manual', tls })
    try {
      const before = holdings(ftp.server)
      plantFiles(ftp.files.path('user'))
      if (!isPutOn(ftp, typeof fault === 'string' ? fault : { name: 'random', ...fault })) return
      await new WeakClient(ftp).play(weak)
      ftp.reset()
      await ticking(ftp, ftp.clock.advance('1h'))
      // What a fault holds back outlives its client.
      for (const session of ftp.server.sessions) await session.close()
      await ticking(ftp, expectBack(ftp.server, before, `left behind by faults:\n${ftp.transcript}`))
      const root = ftp.files.path('alice')
      rmSync(root, { recursive: true })
      mkdirSync(root)
      const { server, transcript } = ftp
      await ticking(ftp, playSession(next, { server, user: 'alice', root, transcript, speaksTls: tls }))
      await ticking(ftp, expectBack(server, before, `left behind:\n${transcript}`))
    } finally {
      await ftp.stop()
    }
  }),
  { runs: 60 },
)
