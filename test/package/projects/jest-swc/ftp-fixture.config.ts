import type { StartFtpServerOptions } from 'ftp-fixture'

const options: StartFtpServerOptions = { files: { 'shared.txt': 'for all' } }

export default options
