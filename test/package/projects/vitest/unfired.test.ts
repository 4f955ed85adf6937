import { fileTest, test } from 'ftp-fixture/vitest'
import { describe, expect } from 'vitest'

const rule = { when: { command: 'DELE' }, then: { reply: '550 No.' } } as const

describe('a group', () => {
  test.override({ ftpOptions: { scenario: { name: 'own', rules: [rule] } } })
  test('of a test', ({ ftp }) => {
    expect(ftp.scenario).toBe('own')
  })
})

fileTest('of a file', ({ ftp }) => {
  ftp.use({ name: 'whole', rules: [rule] })
})
