import { download, playAll, type Steps, say } from '../support/scenario-play.ts'

/** A command that basic-ftp has no method for, and what makes curl say it. */
function saidOrDone(line: string): Steps {
  return { basicFtp: say(line).basicFtp, curl: download.curl }
}

playAll([
  {
    scenario: 'passive-address-unroutable',
    does: download,
    basicFtp: /another host \(203\.0\.113\.7\)/,
    curl: 'ok',
    falls: ['basicFtp'],
  },
  {
    scenario: 'passive-address-zero',
    does: download,
    basicFtp: /another host \(0\.0\.0\.0\)/,
    curl: 'ok',
    falls: ['basicFtp'],
  },
  { scenario: 'passive-reply-without-parentheses', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'epsv-reply-with-other-delimiter', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'epsv-advertised-but-refused', does: download, basicFtp: 'ok', curl: 'ok' },
  {
    scenario: 'pasv-refused',
    does: saidOrDone('PASV'),
    curlOptions: ['--disable-epsv'],
    basicFtp: /failed: 425/,
    curl: /\(13\)/,
  },
  // Both go on to PASV by themselves.
  { scenario: 'passive-port-refused', does: download, basicFtp: 'ok', curl: 'ok', again: 'ok' },
  {
    scenario: 'passive-connection-lost-at-accept',
    does: download,
    basicFtp: /425|ECONNRESET/,
    curl: /\((18|19|56)\)/,
    again: 'ok',
  },
  {
    scenario: 'passive-connection-ignored',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout/,
    curl: /\(28\)/,
    again: 'ok',
  },
  {
    scenario: 'active-mode-refused',
    does: saidOrDone('EPRT |1|127.0.0.1|2000|'),
    curlOptions: ['--ftp-port', '-'],
    basicFtp: /failed: 500/,
    curl: /\(30\)/,
  },
  {
    scenario: 'active-mode-never-connects',
    does: download,
    curlOptions: ['--ftp-port', '-'],
    impatient: ['curl'],
    basicFtp: 'ok',
    curl: /\((12|28)\)/,
    again: 'ok',
    untouched: { basicFtp: [0] },
    falls: ['basicFtp'],
  },
  {
    scenario: 'active-mode-connects-late',
    does: download,
    curlOptions: ['--ftp-port', '-'],
    basicFtp: 'ok',
    curl: 'ok',
    untouched: { basicFtp: [0] },
    falls: ['basicFtp'],
  },
  { scenario: 'data-connection-left-open', does: download, basicFtp: /failed: 550/, curl: /\(78\)/, again: 'ok' },
  { scenario: 'refused-behind-preliminary', does: download, basicFtp: /failed: 550/, curl: /\(18\)/, again: 'ok' },
  {
    scenario: 'refused-and-disconnected',
    does: download,
    basicFtp: /failed: 550/,
    curl: /\(78\)/,
    ends: true,
    again: 'ok',
  },
  {
    scenario: 'data-lost-before-first-byte',
    does: download,
    basicFtp: /ECONNRESET|426/,
    curl: /\((18|56)\)/,
    again: 'ok',
  },
])
