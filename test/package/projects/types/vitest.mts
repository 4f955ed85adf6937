import { fileTest, laneTest, type ProvidedFtp, test } from 'ftp-fixture/vitest'
import { expect, inject } from 'vitest'

test('its own server', async ({ ftp, ftpOptions }) => {
  ftpOptions satisfies { port?: number }
  expect(ftp).toHaveReceived('RETR', 'a.txt')
  expect(ftp).not.toHaveReceivedInOrder(['RETR'])
  await expect(ftp).toHaveFile('a.txt', 'a')
  ftp.server.configure({ writeLimit: 0 })
  // @ts-expect-error -- a verb is text
  expect(ftp).toHaveReceived(5)
})
test.override({ ftpOptions: { scenario: 'slow-download' } })
// @ts-expect-error -- there is no such option
test.override({ ftpOptions: { prot: 21 } })
test.extend<{ more: string }>({ more: async ({ ftp }, use) => use(ftp.url) })('more', ({ more, ftp }) => {
  more satisfies string
  ftp.port satisfies number
})
fileTest.beforeAll(({ ftp }) => ftp.files.write('a.txt', 'a'))
laneTest('a lane', async ({ ftp, sharedFtp }) => {
  await sharedFtp.lane('other')
  await expect(ftp).toHaveNoOpenSessions()
})
export const provided: ProvidedFtp = inject('ftp')
export const { controlUrl, ca }: { readonly controlUrl: string; readonly ca?: string } = inject('ftp')
