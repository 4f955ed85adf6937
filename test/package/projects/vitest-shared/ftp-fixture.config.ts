import type { StartFtpServerOptions } from 'ftp-fixture'

export default { files: { 'shared.txt': 'for all' }, timeout: '1m' } satisfies StartFtpServerOptions
