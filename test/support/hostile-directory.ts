import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'

const LETTERS = [
  'a',
  'Z',
  '0',
  ' ',
  '.',
  '-',
  '"',
  ';',
  '=',
  '\r',
  '\n',
  '\t',
  '\\',
  'ä',
  '文',
  '\uE000',
  '\uFF5E',
  '🗂',
]
const REPLACED = '\uFFFD'
const LINK_TARGETS = ['nowhere', '..', '/etc/passwd', '../../..', 'a dir', './a dir/..', 'self', 'x\r\ny', '']
const DAY_S = 86_400

/** A directory of random names, modes, times and sizes, with everything in it that a listing may stumble over. */
export async function fillHostileDirectory(directory: string, count = 120): Promise<void> {
  const at = (name: string | Buffer) => Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name as string)])
  mkdirSync(path.join(directory, 'a dir'))
  symlinkSync('self', path.join(directory, 'self'))
  const names = new Set([
    'a'.repeat(255),
    '文'.repeat(85),
    `real ${REPLACED}`,
    ...Array.from({ length: count }, randomName),
  ])
  for (const name of names) makeEntry(at(name).toString(), directory)
  for (const bytes of [[0xe9], [0x61, 0xff, 0xfe], [0xc3]]) writeFileSync(at(Buffer.from(bytes)), 'x')
  execFileSync('mkfifo', [path.join(directory, 'fifo')])
  await makeSocket(directory)
}

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T
}

function randomName(): string {
  const length = 1 + Math.floor(Math.random() * 12)
  return `${pick(['f', 'é', '\u{1F5C2}', '\uFF5E'])}${Array.from({ length }, () => pick(LETTERS)).join('')}`
}

function makeEntry(hostPath: string, directory: string): void {
  const kind = Math.random()
  if (kind < 0.15) mkdirSync(hostPath)
  else if (kind < 0.35) symlinkSync(pick(LINK_TARGETS) || directory, hostPath)
  else if (kind < 0.4) linkSync(path.join(directory, 'self'), hostPath)
  else {
    writeFileSync(hostPath, 'x'.repeat(Math.floor(Math.random() * 20)))
    if (Math.random() < 0.2) truncateSync(hostPath, 2 ** Math.floor(Math.random() * 42) + 1)
  }
  if (kind >= 0.4 || kind < 0.15) chmodSync(hostPath, Math.floor(Math.random() * 0o10000))
  if (Math.random() < 0.7) setTime(hostPath)
}

/** Around now and half a year ago, before 1970, far ahead; whole seconds or not. */
function setTime(hostPath: string): void {
  const now = Math.floor(Date.now() / 1000)
  const second =
    pick([now, now + DAY_S / 2, now + 3 * DAY_S, now - 180 * DAY_S + 1800, 0, -1, -3e9, 4e9, 2 ** 31]) -
    pick([0, 1, 3600, 90_000])
  lutimesSync(hostPath, new Date(0), new Date(second * 1000 + pick([0, 1, 999])))
  if (Math.random() < 0.2)
    execFileSync('touch', [
      '-h',
      '-m',
      '-d',
      `@${second}.${pick(['123456789', '999999999', '000000001'])}`,
      '--',
      hostPath,
    ])
}

/** Renamed, since it would be removed with its server. */
async function makeSocket(directory: string): Promise<void> {
  const made = path.join(directory, 's')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(made, resolve))
  renameSync(made, path.join(directory, 'socket'))
  await new Promise((resolve) => server.close(resolve))
}
