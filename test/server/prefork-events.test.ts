import { expect, test, vi } from 'vitest'
import { quit } from '../support/models.ts'
import { crash, oneEach, PreforkProgram } from '../support/prefork-program.ts'
import type { RawClient } from '../support/raw-client.ts'

const two = { workerProcesses: 2, handleExit: true }

/** Has clients log out, log in again and list a directory, and waits until their processes have told the last of it. */
async function logInAgain(program: PreforkProgram, clients: readonly { readonly client: RawClient }[]): Promise<void> {
  const before = program.count(/^event transfer/)
  for (const { client } of clients) {
    await client.command('REIN', 230)
    await client.command('USER user', 331)
    await client.command('PASS 12345', 230)
    await client.fetch('NLST')
  }
  await vi.waitUntil(() => program.count(/^event transfer/) === before + clients.length)
}

test('processes tell the events that somebody hears, and send no others', async () => {
  await using program = await PreforkProgram.start({ serve: two, hear: ['transfer'] })
  const clients = await oneEach(program)
  await logInAgain(program, clients)
  const sent = program.lines.filter((line) => line.startsWith('sent '))
  expect(sent.filter((line) => !/^sent (listening|transfer|take-control|take-data|used)$/.test(line))).toEqual([])
  expect(program.count(/^sent transfer/)).toBe(2)
  for (const { client } of clients) await quit(client)
})

test('listeners that come and go while it runs are heard of in all processes', async () => {
  await using program = await PreforkProgram.start({ serve: two, hear: ['transfer'] })
  const clients = await oneEach(program)
  program.configure({ on: 'logout' })
  await vi.waitFor(async () => {
    const before = program.count(/^event logout/)
    await logInAgain(program, clients)
    expect(program.count(/^event logout/)).toBe(before + 2)
  })
  program.configure({ off: 'logout' })
  await vi.waitFor(async () => {
    const before = program.count(/^sent logout/)
    await logInAgain(program, clients)
    expect(program.count(/^sent logout/)).toBe(before)
  })
  for (const { client } of clients) await quit(client)
})

test('who listens late is told of sessions that are lost all the same, and only of those still there', async () => {
  await using program = await PreforkProgram.start({ serve: two, hear: ['login', 'error'] })
  const [first, second] = await oneEach(program)
  program.configure({ on: 'disconnect' })
  await vi.waitUntil(() => program.count(/^sent sessions/) === 2)
  await crash(first)
  await program.line(/^event error 0 Error: worker process/)
  expect(program.count(/^event disconnect .*SIGKILL/)).toBe(1)
  const [lost] = program.lines.filter((line) => line.startsWith('event login'))
  expect(await program.line(/^event disconnect .*SIGKILL/)).toContain(`disconnect ${lost?.split(' ')[2]} `)
  await quit(second.client)
  await program.line(/^event disconnect \d+$/)
})
