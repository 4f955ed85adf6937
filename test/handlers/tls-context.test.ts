import type { SecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { TlsContext } from '../../src/handlers/tls-context.ts'

test('a context that cannot be marked is used unmarked: what marks it is no documented part of Node', () => {
  const unmarkable = { context: {} } as SecureContext
  expect(new TlsContext().mark(unmarkable, '1')).toBe(unmarkable)
})
