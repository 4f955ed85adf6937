import vitest = require('ftp-fixture/vitest')
import setup = require('ftp-fixture/vitest/global-setup')

vitest.test.override({ ftpOptions: { scenario: 'slow-download' } })
// @ts-expect-error -- there is no such option
vitest.test.override({ ftpOptions: { prot: 21 } })
vitest.fileTest('one', ({ ftp }) => void (ftp.port satisfies number))
export const globalSetup: (...args: never[]) => Promise<() => Promise<void>> = setup.default
