import { expect, test } from 'vitest'
import { playScenario } from '../../../src/cli/run/play.ts'

test('a command that cannot be started is told of, whatever the server says of its end', async () => {
  const onEvent = () => {
    throw new Error('of no account')
  }
  const { signal: interrupted } = new AbortController()
  const request = { scenario: 'slow-download', command: ['/no/such/client'], timeoutMs: 0, interrupted }
  await expect(playScenario({ ...request, server: { onEvent } })).rejects.toThrow('there is no such command')
})
