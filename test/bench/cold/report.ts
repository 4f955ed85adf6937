import { median } from '../figures.ts'

/** How often what a process does again and again is measured. */
const TIMES = 20

/** A server under the stopwatch. */
export interface Stopwatch<Server> {
  /** Resolves when it is ready. */
  readonly start: () => Promise<Server>
  /** The same with `small.bin` to download, of 1 KiB; without it, nothing is downloaded. */
  readonly startWithFile?: () => Promise<Server>
  readonly stop: (server: Server) => Promise<unknown>
  readonly portOf: (server: Server) => number
}

async function taken(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

async function middle(work: () => Promise<number>): Promise<number | undefined> {
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) times.push(await work())
  return median(times)
}

/** Measures how long import, start and stop take, and prints that as a line of JSON; `load` does the import. */
export async function report<Server>(load: () => Promise<Stopwatch<Server>>): Promise<void> {
  const beginMs = performance.now()
  const { start, startWithFile, stop, portOf } = await load()
  const importMs = performance.now() - beginMs
  const firstBeginMs = performance.now()
  const server = await start()
  const first = performance.now() - firstBeginMs
  await stop(server)
  const next = await middle(async () => {
    let started: Server | undefined
    const ms = await taken(async () => {
      started = await start()
    })
    if (started !== undefined) await stop(started)
    return ms
  })
  const cycle = async (begin: () => Promise<Server>) => {
    const started = await begin()
    await download(portOf(started))
    await stop(started)
  }
  const use = startWithFile === undefined ? {} : { use: await middle(() => taken(() => cycle(startWithFile))) }
  const figures = { import: importMs, cold: importMs + first, first, next, ...use }
  process.stdout.write(`${JSON.stringify({ errors: 0, ...figures })}\n`, () => process.exit())
}

/** Downloads the small file with as little client as there can be. */
async function download(port: number): Promise<void> {
  // Imported here, so that what the package needs of it counts as the package's.
  const { connect } = await import('node:net')
  const control = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay()
  const replies = control.iterator({ destroyOnReturn: true })
  let text = ''
  const reply = async () => {
    for (;;) {
      const whole = /^(?:\d{3}-.*?\n)?(\d{3} [^\n]*)\n/s.exec(text)
      if (whole !== null) {
        text = text.slice(whole[0].length)
        return whole[1] ?? ''
      }
      const { value, done } = await replies.next()
      if (done === true) throw new Error('the control connection ended')
      text += value
    }
  }
  const ask = (command: string) => {
    control.write(`${command}\r\n`)
    return reply()
  }
  await reply()
  for (const command of ['USER user', 'PASS 12345', 'TYPE I']) await ask(command)
  const [high = 0, low = 0] = (/(\d+),(\d+)\)/.exec(await ask('PASV')) ?? []).slice(1).map(Number)
  const data = connect(high * 256 + low, '127.0.0.1')
  const ended = new Promise<number>((resolve, reject) => {
    let bytes = 0
    data.on('data', (chunk) => {
      bytes += chunk.length
    })
    data.on('end', () => resolve(bytes)).on('error', reject)
  })
  await ask('RETR small.bin')
  if ((await ended) !== 1024) throw new Error('not the whole file')
  await reply()
  await ask('QUIT')
  control.destroy()
}
