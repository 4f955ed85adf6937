import { laneTest } from 'ftp-fixture/vitest'
import { expect } from 'vitest'
import { upload } from './upload.ts'

laneTest('an assertion', async ({ ftp }) => {
  await upload(ftp, 'report.txt', 'text')
  expect(1 + 1).toBe(3)
})

laneTest('a matcher', async ({ ftp }) => {
  await upload(ftp, 'report.txt', 'text')
  expect(ftp).toHaveReceived('STOR', 'summary.txt')
})
