import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { type LoadedScenario, loadScenario } from '../../src/scenario/load.ts'
import { ClientDirectory, requireTool, sha256 } from './clients.ts'
import { BasicFtp, Curl } from './scenario-clients.ts'

/** What a client has of something it did: 'ok', or what it found or said instead. */
type Outcome = string | RegExp

/** Something to do that every client has its own way for. */
export interface Steps {
  readonly basicFtp: (client: BasicFtp, ftp: FtpFixture) => Promise<string>
  readonly curl: (client: Curl, ftp: FtpFixture) => Promise<string>
}

/** What real clients make of a scenario. */
export interface Case {
  readonly scenario: string
  readonly does: Steps
  readonly basicFtp: Outcome
  readonly curl: Outcome
  /** What comes of trying once more: for one that wears off. */
  readonly again?: Outcome
  /** What a client need not come to: rules, by their index. */
  readonly untouched?: { readonly basicFtp?: readonly number[]; readonly curl?: readonly number[] }
  /** Who waits for less than a second: for what never comes. */
  readonly impatient?: readonly ClientName[]
  readonly curlOptions?: readonly string[]
  /** Whether the server ends the first session. */
  readonly ends?: boolean
  /** Who does not do what the scenario expects. */
  readonly falls?: readonly ClientName[]
}

/** What is at `/pub/file.bin` in every scenario. */
export const FILE = randomBytes('64KiB', { seed: 1 })

/** What is uploaded. */
const NEW = randomBytes('64KiB', { seed: 2 })

/** Downloads `/pub/file.bin` and compares it. */
export const download: Steps = {
  basicFtp: async (client) => compared(await client.download('/pub/file.bin'), FILE),
  curl: async (client) => compared(await client.download('/pub/file.bin'), FILE),
}

/** Uploads a file and looks at what has arrived. */
export const upload: Steps = {
  basicFtp: (client, ftp) => arrived(ftp, client.upload(NEW, '/incoming/new.bin')),
  curl: (client, ftp) => arrived(ftp, client.upload(NEW, '/incoming/new.bin')),
}

async function arrived(ftp: FtpFixture, uploaded: Promise<void>): Promise<string> {
  const failure = await uploaded.catch((error: Error) => error)
  const content = await ftp.files.read('/incoming/new.bin').catch(() => undefined)
  if (failure === undefined) return compared(content ?? Buffer.alloc(0), NEW)
  throw new Error(`${failure.message}; ${content === undefined ? 'no file' : `${content.length} bytes`} left`)
}

/** Lists a directory; the outcome is its names. */
export function list(directory: string, ...curlOptions: readonly string[]): Steps {
  return {
    basicFtp: async (client) => (await client.list(directory)).join(' '),
    curl: async (client) => (await client.list(`${directory}/`, ...curlOptions)).join(' '),
  }
}

/** Says commands as they are; the outcome of `basic-ftp` is the last one's reply. */
export function say(...lines: readonly string[]): Steps {
  return {
    basicFtp: async (client) => client.say(...lines),
    curl: async (client) => {
      await client.say(...lines)
      return 'ok'
    },
  }
}

export function compared(actual: Uint8Array, expected: Uint8Array): string {
  return sha256(actual) === sha256(expected) ? 'ok' : `${actual.length} other bytes`
}

/** Plays scenarios, each with basic-ftp and with curl, each of these against a server of its own. */
export function playAll(cases: readonly Case[]): void {
  requireTool('curl')
  test.each(cases)('$scenario', async (row) => {
    const wearsOff = loadScenario(row.scenario).rules.some(({ times }) => times !== 'always')
    expect(row.again !== undefined, 'what comes of trying again is said of what wears off').toBe(wearsOff)
    const played = await Promise.allSettled([
      play(row, 'basicFtp', async (ftp) => {
        const client = new BasicFtp(ftp)
        return {
          attempt: async (impatient) => {
            await client.ready(impatient)
            return row.does.basicFtp(client, ftp)
          },
          close: () => client.client.close(),
        }
      }),
      play(row, 'curl', async (ftp, local) => {
        const client = new Curl(ftp, local, row.curlOptions ?? [])
        return {
          attempt: async (impatient) => {
            client.isImpatient = impatient
            return row.does.curl(client, ftp)
          },
          close: () => {},
        }
      }),
    ])
    for (const result of played) if (result.status === 'rejected') throw result.reason
  })
}

type ClientName = 'basicFtp' | 'curl'

interface Player {
  attempt(impatient: boolean): Promise<string>
  close(): void
}

async function play(
  row: Case,
  name: ClientName,
  begin: (ftp: FtpFixture, local: ClientDirectory) => Promise<Player>,
): Promise<void> {
  await using ftp = await startFtpServer({ scenario: row.scenario })
  await using local = await ClientDirectory.create()
  const { attempt, close } = await begin(ftp, local)
  const tried = (impatient: boolean) => attempt(impatient).catch((error: Error) => `failed: ${error.message}`)
  try {
    expectOutcome(ftp, name, await tried(row.impatient?.includes(name) === true), row[name])
    if (row.ends) await ftp.waitFor({ type: 'disconnect' })
    if (row.again !== undefined) expectOutcome(ftp, `${name}, again`, await tried(false), row.again)
  } finally {
    close()
  }
  // What a fault holds back outlives its client.
  for (const session of ftp.server.sessions) await session.close()
  const verified = await ftp.verify().then(
    () => 'as expected',
    ({ message }: Error) => message,
  )
  if (row.falls?.includes(name)) expect(verified).not.toBe('as expected')
  else expect(verified, `${name}\n${ftp.transcript}`).toBe('as expected')
  const { rules } = loadScenario(row.scenario)
  const optional = row.untouched?.[name] ?? []
  const done = [...new Set([...rulesDone(ftp, rules), ...optional])].sort()
  expect(done, `${name}: what was done of the rules\n${ftp.transcript}`).toEqual([...rules.keys()])
}

function expectOutcome(ftp: FtpFixture, title: string, actual: string, expected: Outcome): void {
  const message = `${title}\n${ftp.transcript}`
  if (typeof expected === 'string') expect(actual, message).toBe(expected)
  else expect(actual, message).toMatch(expected)
}

/** The rules whose faults are all on the time line. */
function rulesDone(ftp: FtpFixture, rules: LoadedScenario['rules']): number[] {
  const events = ftp.transcript.events.filter((event) => event.type === 'fault')
  return rules.flatMap(({ name, then }, index) => {
    const faults = new Set(events.filter(({ rule }) => rule === (name ?? `rules[${index}]`)).map(({ fault }) => fault))
    return then.flatMap(Object.keys).every((fault) => faults.has(fault)) ? [index] : []
  })
}
