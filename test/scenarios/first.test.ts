import { download, playAll, say, upload } from '../support/scenario-play.ts'

playAll([
  { scenario: 'slow-download', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'slow-upload', does: upload, basicFtp: 'ok', curl: 'ok' },
  {
    scenario: 'abort-download-midway',
    does: download,
    basicFtp: /ECONNRESET|426/,
    curl: /\((18|56)\)/,
    again: 'ok',
  },
  {
    scenario: 'abort-upload-midway',
    does: upload,
    basicFtp: /(ECONNRESET|EPIPE|426).*; 32768 bytes left/,
    curl: /\((18|55|56)\).*; 32768 bytes left/,
    again: 'ok',
  },
  {
    scenario: 'size-refused-in-ascii',
    does: say('TYPE A', 'SIZE /pub/file.bin'),
    basicFtp: /failed: 550/,
    curl: /\(21\)/,
  },
  {
    scenario: 'nat-masquerade',
    does: download,
    basicFtp: /another host \(192\.168\.77\.10\)/,
    curl: 'ok',
    falls: ['basicFtp'],
  },
  { scenario: 'throttled-download', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'throttled-upload', does: upload, basicFtp: 'ok', curl: 'ok' },
])
