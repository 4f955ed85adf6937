import { expect, test, vi } from 'vitest'
import { quit } from '../support/models.ts'
import { clientOf, crash, oneEach, PreforkProgram } from '../support/prefork-program.ts'
import { RawClient } from '../support/raw-client.ts'

const two = { workerProcesses: 2, handleExit: true }

/** So many clients at once: those that were let in. */
async function crowd(program: PreforkProgram, count: number): Promise<RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => RawClient.connect(program)))
  const letIn = await Promise.all(
    clients.map(async (client) => {
      const { code } = await client.expect(220, 421)
      if (code === 421) await client.closed()
      return code === 220
    }),
  )
  return clients.filter((_, index) => letIn[index])
}

/** Waits until there is room for exactly so many. */
async function hasRoomFor(program: PreforkProgram, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const clients = await crowd(program, count + 3)
      for (const client of clients) await quit(client)
      expect(clients).toHaveLength(count)
    },
    { timeout: 10_000, interval: 20 },
  )
}

test('while there are many places, few are asked for', async () => {
  await using program = await PreforkProgram.start({ serve: two, hear: ['limit'], files: { 'a.txt': 'a' } })
  for (let session = 0; session < 30; session++) {
    const { client } = await clientOf(program)
    await client.fetch('RETR a.txt')
    await quit(client)
  }
  expect(program.count(/^sent take-/)).toBeLessThanOrEqual(2)
  expect(program.count(/^sent free-/)).toBeLessThanOrEqual(2)
})

test('a crowd is let in to the last place, and nobody beyond it, whoever has places on lease', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxCons: 40, hear: ['limit'] })
  const clients = await crowd(program, 60)
  expect(clients).toHaveLength(40)
  expect(program.count(/^sent returned/)).toBeGreaterThan(0)
  for (const client of clients) await quit(client)
  await hasRoomFor(program, 40)
  await hasRoomFor(program, 40)
})

test('data connections have leased places too', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxCons: 40, hear: ['limit'] })
  const pair = await oneEach(program)
  for (const { client } of pair) await client.passiveAddress()
  const clients = await crowd(program, 50)
  expect(clients).toHaveLength(36)
  for (const { client } of pair) await client.command('ABOR', 225)
  await hasRoomFor(program, 2)
  for (const client of [...clients, ...pair.map(({ client }) => client)]) await quit(client)
  await hasRoomFor(program, 40)
})

test('a limit that changes calls leases in', async () => {
  await using program = await PreforkProgram.start({ serve: two, hear: ['limit'] })
  const pair = await oneEach(program)
  program.configure({ maxConsPerIp: 6 })
  await vi.waitUntil(() => program.count(/^sent returned/) === 2)
  await hasRoomFor(program, 4)
  program.configure({ maxConsPerIp: 0, maxCons: 5 })
  await hasRoomFor(program, 3)
  for (const { client } of pair) await quit(client)
})

test('a process that is killed gives its lease back', async () => {
  await using program = await PreforkProgram.start({ serve: two, maxCons: 40, hear: ['error'] })
  const [first, second] = await oneEach(program)
  await crash(first)
  await program.line(/^event error 0 Error: worker process/)
  await hasRoomFor(program, 39)
  await quit(second.client)
})
