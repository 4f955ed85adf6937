import { fileTest, test } from 'ftp-fixture/vitest'
import { describe, expect } from 'vitest'

fileTest.override({ ftpOptions: { scenario: 'disk-ful' } })

fileTest('of a file', ({ ftp }) => {
  expect(ftp).toBeDefined()
})

describe('some tests', () => {
  test.override({ ftpOptions: { maxCons: -1 } })

  test('of a group', ({ ftp }) => {
    expect(ftp).toBeDefined()
  })
})
