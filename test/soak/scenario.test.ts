import { readdirSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { Client, FTPError } from 'basic-ftp'
import { expect, test } from 'vitest'
import { type FtpFixture, type Rule, randomBytes, startFtpServer } from '../../src/index.ts'
import { sha256 } from '../support/clients.ts'

/** `npm run soak` has a minute; a short one is part of every run. */
const DURATION_MS = process.env.MODE === 'soak' ? 60_000 : 4000
const SESSIONS = 200
/** Of these, one in twenty is spared by every rule. */
const SPARED = 20
const content = randomBytes('200KiB', { seed: 5 })
const TRANSFERS = ['RETR', 'STOR', 'LIST', 'NLST', 'MLSD', 'APPE']
const SET_UP = ['PASV', 'EPSV']

const user = 'victim'
const onCommand = (then: Rule['then'], chance: number): Rule => ({ when: { user }, chance, then })
const onTransfer = (then: Rule['then'], chance = 0.03): Rule => ({ when: { user, command: TRANSFERS }, chance, then })
const onSetUp = (then: Rule['then'], chance = 0.02): Rule => ({ when: { user, command: SET_UP }, chance, then })

/** A little of everything. */
const rules: readonly Rule[] = [
  onCommand({ delay: { for: '1ms', jitter: '20ms' } }, 0.1),
  onCommand({ drip: '1ms' }, 0.02),
  onCommand({ split: { at: [2, 5], pause: '1ms' } }, 0.05),
  onCommand({ reply: '550 Not today.' }, 0.02),
  onCommand({ reply: 'none' }, 0.005),
  onCommand({ reply: '421 Enough.' }, 0.005),
  onCommand({ say: '200 And another thing.' }, 0.005),
  onCommand({ disconnect: 'rst' }, 0.01),
  onCommand({ disconnect: 'fin' }, 0.01),
  onCommand({ blackHole: '300ms' }, 0.005),
  onCommand({ blackHole: 'forever' }, 0.003),
  onSetUp({ accept: 'refused' }),
  onSetUp({ accept: 'never' }),
  onSetUp({ accept: 'rst' }),
  onSetUp({ accept: { after: '20ms' } }),
  onSetUp({ announce: { port: 'closed' } }),
  onTransfer({ throttle: '1MB/s' }),
  onTransfer({ latency: { of: '1ms', jitter: '5ms' } }),
  onTransfer({ slices: { bytes: 5000, every: '1ms' } }),
  onTransfer({ stall: { after: '20KiB', for: '50ms' } }),
  onTransfer({ stall: { after: '20KiB', for: 'forever' } }, 0.01),
  onTransfer({ cut: { after: '30KiB', with: 'rst' } }),
  onTransfer({ cut: { after: '30KiB', with: 'fin' } }),
  onTransfer({ truncate: { after: '10KiB' } }),
  onTransfer({ corrupt: { at: '5KiB', bytes: 3 } }),
  onTransfer({ append: 'more' }),
  onTransfer({ keepOpen: '100ms' }),
  onTransfer({ error: { code: 'EIO', at: '15KiB' } }),
  onTransfer({ final: { late: '30ms' } }),
  onTransfer({ final: 'none' }, 0.01),
  {
    when: { user, command: ['STOR', 'APPE'] },
    chance: 0.05,
    then: { refuse: { after: '8KiB', with: '552 Full.', then: 'drain', keep: false } },
  },
]

interface Tally {
  done: number
  failed: number
}

/** Connects and does something, over and over; what goes wrong for a victim is as it should be. */
async function keepBusy(ftp: FtpFixture, number: number, untilMs: number, tally: Tally): Promise<void> {
  const isSpared = number % SPARED === 0
  while (performance.now() < untilMs) {
    const client = new Client(isSpared ? 20_000 : 700)
    try {
      const { host, port } = ftp
      await client.access({ host, port, user: isSpared ? 'spared' : user, password: 'x' })
      const file = `${number}.bin`
      await client.uploadFrom(Readable.from([content]), file)
      await client.list()
      const received: Buffer[] = []
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          received.push(chunk)
          done()
        },
      })
      await client.downloadTo(sink, file)
      if (isSpared) expect(sha256(Buffer.concat(received))).toBe(sha256(content))
      tally.done++
    } catch (error) {
      if (isSpared || !(error instanceof Error)) throw error
      if (!(error instanceof FTPError)) expect(error).toBeInstanceOf(Error)
      tally.failed++
    } finally {
      client.close()
    }
  }
}

const openDescriptors = () => readdirSync('/proc/self/fd').length

test.skipIf(process.platform !== 'linux')(
  `faults in ${SESSIONS} sessions at once for ${DURATION_MS} ms leave nothing behind, and hit only whom they were meant for`,
  async () => {
    const before = openDescriptors()
    const users = ['victim', 'spared'].map((username) => ({ username, password: 'x', home: username }))
    const ftp = await startFtpServer({ users, maxCons: 5000, passiveTimeout: '500ms', dataTimeout: '2s' })
    ftp.use({ name: 'soak', seed: 1, rules })
    const tally = { done: 0, failed: 0 }
    const untilMs = performance.now() + DURATION_MS
    await Promise.all(Array.from({ length: SESSIONS }, (_, number) => keepBusy(ftp, number, untilMs, tally)))
    const applied = new Set(ftp.transcript.events.flatMap((event) => (event.type === 'fault' ? [event.fault] : [])))
    await ftp.stop()
    expect(tally.done).toBeGreaterThan(SESSIONS / SPARED)
    expect(tally.failed).toBeGreaterThan(0)
    expect(applied.size).toBeGreaterThan(15)
    expect(ftp.server.ioloop.pending).toBe(0)
    for (let turn = 0; turn < 1000 && openDescriptors() > before; turn++) await new Promise(setImmediate)
    expect(openDescriptors()).toBeLessThanOrEqual(before)
  },
  DURATION_MS + 60_000,
)
