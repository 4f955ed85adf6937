import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { commonJs, quit } from '../support/models.ts'
import { clientOf, crash, oneEach, PreforkProgram } from '../support/prefork-program.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const two = { workerProcesses: 2, handleExit: true }

function isAlive(pid: number): boolean {
  try {
    // One whose parent is gone may have ended and not be taken off the list.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

test('clients are served in several processes, with data connections of their own, on one port', async () => {
  await using program = await PreforkProgram.start({ serve: two, files: { 'a.txt': 'a' } })
  const clients = await oneEach(program)
  for (const { client, pid } of clients) {
    expect(isAlive(pid)).toBe(true)
    await client.store(`STOR ${pid}.txt`, String(pid))
  }
  // Both await a data connection: each has to get its own.
  const ports = await Promise.all(clients.map(({ client }) => client.passiveAddress()))
  expect(new Set(ports.map(({ port }) => port)).size).toBe(2)
  for (const { client, pid } of clients) expect(String(await client.fetch(`RETR ${pid}.txt`))).toBe(String(pid))
  for (const { client } of clients) await quit(client)
})

test('events reach the first process, once each, under numbers that no two sessions share', async () => {
  await using program = await PreforkProgram.start({ serve: two })
  const clients = await oneEach(program)
  for (const { client } of clients) await quit(client)
  await vi.waitUntil(() => {
    const count = (type: string) => program.lines.filter((line) => line.startsWith(`event ${type} `)).length
    return count('connect') >= 2 && count('disconnect') === count('connect')
  })
  for (const type of ['connect', 'login', 'disconnect']) {
    const numbers = program.lines.filter((line) => line.startsWith(`event ${type} `)).map((line) => line.split(' ')[2])
    expect(new Set(numbers).size).toBe(numbers.length)
  }
})

test('so many transfers that Node’s sockets are done without, and a data connection that comes late', async () => {
  await using program = await PreforkProgram.start({ serve: two, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(program)
  for (let times = 0; times < 100; times++) expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  for (let times = 0; times < 5; times++) {
    const address = await client.passiveAddress()
    await client.command('RETR a.txt', 150)
    expect(String(await readAll(connect(address)))).toBe('a')
    await client.expect(226)
  }
})

test('limits count across the processes', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxCons: 3, maxConsPerIp: 3 })
  await using first = await RawClient.login(program)
  await using second = await RawClient.login(program)
  await first.passiveAddress()
  await second.command('PASV', 425)
  for (const _ of [1, 2]) {
    await using refused = await RawClient.connect(program)
    await refused.expect(421)
    await refused.closed()
  }
  await first.command('ABOR', 225)
  // What one process gives back may be seen a moment later by another one.
  const data = readAll(await vi.waitFor(() => second.passive(), { timeout: 5000, interval: 5 }))
  await second.command('NLST', 125, 150)
  await data
  await second.expect(226)
  await vi.waitFor(async () => {
    await using third = await RawClient.connect(program)
    await third.expect(220)
  })
})

test('maxConsPerIp counts across the processes', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxConsPerIp: 1 })
  await using first = await RawClient.login(program)
  for (const _ of [1, 2]) {
    await using refused = await RawClient.connect(program)
    expect((await refused.expect(421)).text).toContain('same IP')
    await refused.closed()
  }
  await quit(first)
  await program.line(/^event disconnect 1$/)
  await vi.waitFor(async () => {
    await using next = await RawClient.connect(program)
    await next.expect(220)
  })
})

test('a process that crashes costs its sessions alone, gives their places back, and is replaced', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxCons: 3 })
  const [first, second] = await oneEach(program)
  await crash(first)
  await second.client.passiveAddress()
  expect(await program.line(/^event error/)).toBe(`event error 0 Error: worker process ${first.pid} ended (SIGKILL)`)
  expect(await program.line(/^event disconnect .*SIGKILL/)).toContain('its process ended (SIGKILL)')
  const successor = await vi.waitUntil(
    async () => {
      const { client, pid } = await clientOf(program)
      await quit(client)
      return pid !== second.pid && pid
    },
    { timeout: 10_000 },
  )
  expect(successor).not.toBe(first.pid)
  const numbers = program.lines.filter((line) => line.startsWith('event connect ')).map((line) => line.split(' ')[2])
  expect(new Set(numbers).size).toBe(numbers.length)
  await quit(second.client)
})

test('SIGTERM to the first process ends all of them gracefully', async () => {
  await using program = await PreforkProgram.start({ serve: two })
  const clients = await oneEach(program)
  program.kill('SIGTERM')
  for (const { client } of clients) await client.closed()
  expect(await program.ended()).toBe(0)
  expect(program.lines.at(-1)).toBe('ended SIGTERM')
  expect(program.lines.filter((line) => line.startsWith('event error'))).toEqual([])
  expect(program.lines.filter((line) => line.startsWith('event disconnect'))).toHaveLength(
    program.lines.filter((line) => line.startsWith('event connect')).length,
  )
  for (const { client, pid } of clients) {
    client.socket.destroy()
    expect(isAlive(pid)).toBe(false)
  }
})

test('a process that is blocked is ended by force', async () => {
  await using program = await PreforkProgram.start({ serve: two })
  await using client = await RawClient.login(program)
  await client.store('STOR spin.txt', '')
  program.kill('SIGINT')
  await client.closed()
  expect(await program.ended()).toBe(0)
  expect(program.lines.at(-1)).toBe('ended SIGINT')
})

test('the first process gone, so are the others', async () => {
  await using program = await PreforkProgram.start({ serve: two })
  const clients = await oneEach(program)
  program.kill('SIGKILL')
  for (const { client, pid } of clients) {
    await client.closed()
    client.socket.destroy()
    await vi.waitUntil(() => !isAlive(pid))
  }
})

test('configure in the first process reaches all of them', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxLoginAttempts: 1 })
  const clients = await oneEach(program)
  program.configure({ banner: 'Changed.' })
  await vi.waitFor(async () => {
    for (const _ of [1, 2]) {
      await using client = await RawClient.connect(program)
      expect((await client.expect(220)).text).toBe('220 Changed.')
    }
  })
  for (const { client } of clients) await quit(client)
})

test('a port that cannot be had ends the start, with the reason', async () => {
  await using other = await PreforkProgram.start({ serve: {} })
  await expect(PreforkProgram.start({ serve: two, port: other.port })).rejects.toThrow(
    `FtpFixtureError: cannot listen on 127.0.0.1 port ${other.port}: the port is taken`,
  )
})

test('only a server that does not listen yet can be pre-forked', async () => {
  const authorizer = new commonJs.DummyAuthorizer()
  await using server = await new commonJs.FTPServer({}, commonJs.FTPHandler, { authorizer }).listen()
  await expect(server.serveForever({ workerProcesses: 2 })).rejects.toThrow(
    'workerProcesses: expected 1, as the server listens already',
  )
})

test('a program whose processes cannot start says so and ends', async () => {
  const start = PreforkProgram.start({ serve: two, dieAtStart: true })
  await expect(start).rejects.toThrow(/worker process \d+ ended \(exit code 5\) before it listened/)
})
