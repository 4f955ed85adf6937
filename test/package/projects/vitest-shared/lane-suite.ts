import { laneTest } from 'ftp-fixture/vitest'
import { expect } from 'vitest'
import { upload } from './upload.ts'

/** Tests for one file of several that run at the same time, each with content of its own. */
export function laneSuite(content: string): void {
  for (const name of ['a', 'b', 'c']) {
    laneTest(`${name} is alone in its lane`, async ({ ftp }) => {
      await upload(ftp, 'report.txt', `${content}${name}`)
      await expect(ftp).toHaveFile('report.txt', `${content}${name}`)
      expect(ftp.transcript.commands({ verb: 'STOR' })).toHaveLength(1)
      expect(await ftp.files.list('/')).toContain('report.txt')
    })
  }

  laneTest('a scenario of one lane is of no other', async ({ ftp, sharedFtp }) => {
    ftp.add({ when: { command: 'STOR' }, then: { reply: '553 Not here.' } })
    await expect(upload(ftp, 'x.txt', 'x')).rejects.toThrow('553')
    const other = await sharedFtp.lane()
    await upload(other, 'x.txt', 'x')
    await expect(other).toHaveFile('x.txt', 'x')
    await other.stop()
  })
}
