import { download, playAll } from '../support/scenario-play.ts'

playAll([
  { scenario: 'tls-required-to-log-in', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'tls-required-for-data', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'auth-tls-refused', does: download, basicFtp: /failed: 431/, curl: /\(64\)/ },
  { scenario: 'prot-p-refused', does: download, basicFtp: /wrong version number/, curl: /\(64\)/, falls: ['basicFtp'] },
  {
    scenario: 'auth-tls-with-clear-text-behind',
    does: download,
    basicFtp: /failed: Client network socket disconnected/,
    curl: /\(8\)/,
  },
  {
    scenario: 'tls-resumption-required',
    does: download,
    basicFtp: 'ok',
    curl: 'ok',
    untouched: { basicFtp: [0], curl: [0] },
  },
  { scenario: 'tls-handshake-cut', does: download, basicFtp: /ECONNRESET/, curl: /\(35\)/, again: 'ok' },
  {
    scenario: 'tls-data-handshake-unanswered',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout/,
    curl: /\(28\)/,
    again: 'ok',
  },
  { scenario: 'certificate-expired', does: download, basicFtp: /expired/, curl: /\(60\).*expired/ },
  { scenario: 'certificate-self-signed', does: download, basicFtp: /self-signed/, curl: /\(60\).*self[- ]signed/ },
  { scenario: 'certificate-of-other-name', does: download, basicFtp: /altnames/, curl: /\(60\)/ },
  {
    scenario: 'certificate-differs-on-data',
    does: download,
    basicFtp: /self-signed certificate in certificate chain/,
    curl: /\(13\)/,
  },
  { scenario: 'tls-no-close-notify', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'tls-reset-behind-close-notify', does: download, basicFtp: 'ok', curl: 'ok' },
])
