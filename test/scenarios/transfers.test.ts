import { compared, download, FILE, playAll, type Steps, upload } from '../support/scenario-play.ts'

const HALF = FILE.subarray(0, FILE.length / 2)

/** Fetches the second half of the file, the first one being there. */
const resume: Steps = {
  basicFtp: async (client) =>
    compared(Buffer.concat([HALF, await client.download('/pub/file.bin', HALF.length)]), FILE),
  curl: async (client) => compared(await client.resume('/pub/file.bin', HALF), FILE),
}

/** A file of text, whose line ends are to stay as they are. */
const text: Steps = {
  basicFtp: async (client) => JSON.stringify(String(await client.download('/pub/hello.txt'))),
  curl: async (client) => JSON.stringify(String(await client.download('/pub/hello.txt'))),
}

const empty: Steps = {
  basicFtp: async (client) => compared(await client.download('/pub/empty.bin'), Buffer.alloc(0)),
  curl: async (client) => compared(await client.download('/pub/empty.bin'), Buffer.alloc(0)),
}

/** As careful users do. */
const sizedDownload: Steps = {
  basicFtp: async (client) => {
    const size = await client.client.size('/pub/file.bin')
    const content = await client.download('/pub/file.bin')
    return content.length === size ? compared(content, FILE) : `${size} bytes announced, ${content.length} there`
  },
  curl: download.curl,
}

/** A download that is given up halfway. */
const aborted: Steps = {
  basicFtp: async (client, ftp) => {
    const fetched = download.basicFtp(client, ftp)
    await ftp.waitFor({ type: 'reply', verb: 'RETR' })
    client.client.ftp.send('ABOR')
    await ftp.waitFor({ type: 'command', verb: 'ABOR' })
    return fetched
  },
  curl: async (client) => compared(await client.download('/pub/file.bin', '--range', '0-999'), FILE.subarray(0, 1000)),
}

playAll([
  { scenario: 'abor-unanswered', does: aborted, basicFtp: 'ok', curl: 'ok' },
  // By the time of curl's ABOR the transfer may be over.
  { scenario: 'abor-answered-late', does: aborted, basicFtp: 'ok', curl: 'ok', untouched: { curl: [1] } },
  { scenario: 'stalled-download', does: download, basicFtp: 'ok', curl: 'ok', again: 'ok' },
  {
    scenario: 'stalled-for-ever',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout \(data socket\)/,
    curl: /\(28\)/,
    again: 'ok',
  },
  {
    scenario: 'download-truncated',
    does: sizedDownload,
    basicFtp: /65536 bytes announced, 32768 there/,
    curl: /\(18\)/,
    again: 'ok',
  },
  {
    scenario: 'download-corrupted',
    does: download,
    basicFtp: '65536 other bytes',
    curl: '65536 other bytes',
    again: 'ok',
  },
  {
    scenario: 'download-longer-than-size',
    does: sizedDownload,
    basicFtp: /65536 bytes announced/,
    curl: 'ok',
    again: 'ok',
  },
  { scenario: 'final-reply-early', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'final-reply-late', does: download, basicFtp: 'ok', curl: 'ok' },
  {
    scenario: 'no-final-reply',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout \(control socket\)/,
    curl: /\(28\)/,
    again: 'ok',
  },
  { scenario: 'failed-though-complete', does: download, basicFtp: /failed: 426/, curl: /\(18\)/, again: 'ok' },
  { scenario: 'data-before-preliminary', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'data-connection-kept-open', does: download, basicFtp: 'ok', curl: 'ok', again: 'ok' },
  { scenario: 'rest-refused', does: resume, basicFtp: /failed: 502/, curl: /\(31\)/ },
  {
    scenario: 'rest-ignored',
    does: resume,
    basicFtp: '98304 other bytes',
    curl: '65536 other bytes',
    falls: ['basicFtp', 'curl'],
  },
  {
    scenario: 'upload-refused-midway',
    does: upload,
    basicFtp: /failed: 552 .*no file left/,
    curl: /\(70\).*no file left/,
    again: 'ok',
  },
  {
    scenario: 'upload-refused-and-reset',
    does: upload,
    basicFtp: /(552|ECONNRESET|EPIPE).*; 32768 bytes left/,
    curl: /\((70|55|56)\).*; 32768 bytes left/,
    again: 'ok',
  },
  {
    scenario: 'upload-refused-and-ignored',
    does: upload,
    basicFtp: /failed: 452/,
    curl: /\((18|25|70)\)/,
    again: 'ok',
  },
  {
    scenario: 'disk-full',
    does: upload,
    basicFtp: /failed: 452 .*; 32768 bytes left/,
    curl: /\((18|25|70)\).*; 32768 bytes left/,
    again: 'ok',
  },
  { scenario: 'binary-type-ignored', does: text, basicFtp: '"hello\\r\\n"', curl: /\(78\)/ },
  { scenario: 'empty-file', does: empty, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'size-missing', does: sizedDownload, basicFtp: /failed: 500/, curl: 'ok', falls: ['basicFtp'] },
  { scenario: 'size-too-large', does: sizedDownload, basicFtp: /66536 bytes announced/, curl: /\(18\)/ },
  { scenario: 'wrong-size-in-preliminary', does: download, basicFtp: 'ok', curl: 'ok' },
])
