import { download, list, playAll, type Steps, upload } from '../support/scenario-play.ts'

/** As curl does by itself. */
const fromWithin: Steps = {
  basicFtp: async (client, ftp) => {
    await client.client.cd('/pub')
    return download.basicFtp(client, ftp)
  },
  curl: download.curl,
}

playAll([
  { scenario: 'unexpected-success-codes', does: fromWithin, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'greeting-of-many-lines', does: download, basicFtp: 'ok', curl: /\(8\) Got a 331/ },
  { scenario: 'reply-ends-in-bare-code', does: download, impatient: ['curl'], basicFtp: 'ok', curl: /\(28\)/ },
  {
    scenario: 'reply-ends-in-other-code',
    does: upload,
    impatient: ['basicFtp'],
    basicFtp: /Timeout.*; 0 bytes left/,
    curl: 'ok',
    again: 'ok',
  },
  {
    scenario: 'reply-never-ends',
    does: fromWithin,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout/,
    curl: /\(28\)/,
    again: 'ok',
  },
  // basic-ftp 6.2 forgets what of a line has come when the rest is not there.
  { scenario: 'reply-byte-by-byte', does: download, impatient: ['basicFtp'], basicFtp: /Timeout/, curl: 'ok' },
  { scenario: 'reply-split-in-code', does: download, impatient: ['basicFtp'], basicFtp: /Timeout/, curl: 'ok' },
  { scenario: 'extra-reply', does: fromWithin, basicFtp: 'ok', curl: /\(13\)/, again: 'ok' },
  { scenario: 'reply-line-very-long', does: download, basicFtp: /failed: 550 x{20000}/, curl: /\(78\)/, again: 'ok' },
  {
    scenario: 'garbage-for-a-reply',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout/,
    curl: /\(28\)/,
    again: 'ok',
  },
  {
    scenario: 'utf8-option-refused',
    does: list('/pub', '--quote', '*OPTS UTF8 ON'),
    basicFtp: 'Grüße.txt file.bin hello.txt',
    curl: 'Grüße.txt file.bin hello.txt',
  },
  {
    scenario: 'names-in-latin1',
    does: list('/pub'),
    basicFtp: /Gr\ufffd+e\.txt/,
    curl: /Gr\ufffd+e\.txt/,
  },
  {
    scenario: 'feat-refused',
    does: list('/pub', '--quote', '*FEAT'),
    basicFtp: 'file.bin hello.txt',
    curl: 'file.bin hello.txt',
  },
  {
    scenario: 'feat-lines-with-code',
    does: list('/pub', '--quote', 'FEAT'),
    basicFtp: 'file.bin hello.txt',
    curl: 'file.bin hello.txt',
  },
])
