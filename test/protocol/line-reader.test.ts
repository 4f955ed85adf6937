import { describe, expect, test } from 'vitest'
import { LineReader, MAX_LINE_BYTES } from '../../src/protocol/line-reader.ts'
import { splits } from '../support/split.ts'

const IAC = '\xff'
const IP = `${IAC}\xf4`
const DM = `${IAC}\xf2`
const WILL = `${IAC}\xfb`
const DO = `${IAC}\xfd`

/** The lines in a text of one-byte characters; it must not matter how its bytes are cut, nor when lines are taken. */
function lines(wire: string): string[] {
  const bytes = Buffer.from(wire, 'latin1')
  const whole = feed([bytes], true)
  for (const chunks of splits(bytes)) {
    expect(feed(chunks, true)).toEqual(whole)
    expect(feed(chunks, false)).toEqual(whole)
  }
  return whole
}

function feed(chunks: readonly Buffer[], takeAtOnce: boolean): string[] {
  const reader = new LineReader()
  const taken: string[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    if (takeAtOnce) take(reader, taken)
  }
  take(reader, taken)
  return taken
}

function take(reader: LineReader, taken: string[]): void {
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    taken.push(line === 'too long' ? line : line.toString('latin1'))
  }
}

describe('line ends', () => {
  test.each([
    ['NOOP\r\n', ['NOOP']],
    ['NOOP\n', ['NOOP']],
    ['USER bob\r\nPASS x\r\n', ['USER bob', 'PASS x']],
    ['USER bob\nPASS x\r\nNOOP\n', ['USER bob', 'PASS x', 'NOOP']],
    ['\r\n', ['']],
    ['\n\n\r\n', ['', '', '']],
    ['NOOP', []],
    ['NOOP\r', []],
    ['', []],
    ['NOOP\r\nQUI', ['NOOP']],
    // A CR alone ends nothing, and only the one right before LF belongs to the end.
    ['DELE a\rb\r\n', ['DELE a\rb']],
    ['DELE a\r\r\n', ['DELE a\r']],
    ['DELE a\rNOOP\n', ['DELE a\rNOOP']],
    ['DELE a\0b\r\n', ['DELE a\0b']],
    ['  DELE  a  \r\n', ['  DELE  a  ']],
    ['DELE \xc3\xa4\r\n', ['DELE \xc3\xa4']],
  ])('%j is %j', (wire, expected) => {
    expect(lines(wire)).toEqual(expected)
  })
})

describe('the limit', () => {
  const longest = 'x'.repeat(MAX_LINE_BYTES)

  test('is 2,048 bytes', () => {
    expect(MAX_LINE_BYTES).toBe(2048)
  })

  test.each(['\r\n', '\n'])('a line as long as the limit is taken, its end %j not counted', (end) => {
    expect(lines(`${longest}${end}NOOP${end}`)).toEqual([longest, 'NOOP'])
  })

  test.each(['\r\n', '\n'])('one byte more is too long, and the line after it is read again (%j)', (end) => {
    expect(lines(`${longest}x${end}NOOP${end}`)).toEqual(['too long', 'NOOP'])
  })

  test('a CR that does not end the line counts', () => {
    expect(lines(`${longest}\r\r\nNOOP\r\n`)).toEqual(['too long', 'NOOP'])
    expect(lines(`${longest}\rx\r\nNOOP\r\n`)).toEqual(['too long', 'NOOP'])
  })

  test('Telnet bytes count, since they had to be held', () => {
    expect(lines(`${longest}${IP}\r\nNOOP\r\n`)).toEqual(['too long', 'NOOP'])
  })

  test('two long lines are two refusals', () => {
    expect(lines(`${longest}x\r\n${longest}x\r\nNOOP\r\n`)).toEqual(['too long', 'too long', 'NOOP'])
  })

  test('the refusal comes at once, the rest is thrown away as it comes and nothing is held', () => {
    const reader = new LineReader()
    reader.push(Buffer.from(`${longest}x`))
    expect(reader.next()).toBe('too long')
    expect(reader.size).toBe(0)
    for (let i = 0; i < 100; i++) {
      reader.push(Buffer.from(longest))
      expect(reader.next()).toBeUndefined()
      expect(reader.size).toBe(0)
    }
    reader.push(Buffer.from('DELE a\r\nNOOP\r\n'))
    expect(reader.next()).toEqual(Buffer.from('NOOP'))
    expect(reader.next()).toBeUndefined()
  })

  test('the tail of a line as long as the limit is awaited', () => {
    const reader = new LineReader()
    reader.push(Buffer.from(`${longest}\r`))
    expect(reader.next()).toBeUndefined()
    expect(reader.size).toBe(MAX_LINE_BYTES + 1)
    reader.push(Buffer.from('\n'))
    expect(reader.next()).toEqual(Buffer.from(longest))
    expect(reader.size).toBe(0)
  })
})

describe('Telnet', () => {
  test.each([
    ['IP and DM before ABOR, as RFC 959 §4.1.3 has it', `${IP}${DM}ABOR\r\n`, 'ABOR'],
    ['IP alone', `${IP}QUIT\r\n`, 'QUIT'],
    ['DM alone', `${DM}STAT\r\n`, 'STAT'],
    ['NOP amid a line', `STA${IAC}\xf1T\r\n`, 'STAT'],
    ['a negotiation', `${WILL}\x01NOOP\r\n`, 'NOOP'],
    ['several negotiations', `${WILL}\x01${DO}\x03${IAC}\xfc\x05${IAC}\xfe\x06NOOP\r\n`, 'NOOP'],
    ['a negotiation whose option is byte 255', `${DO}${IAC}NOOP\r\n`, 'NOOP'],
    ['a doubled IAC, which is a byte', `DELE a${IAC}${IAC}b\r\n`, 'DELE a\xffb'],
    ['a doubled IAC before what would be a command', `DELE ${IAC}${IAC}\xf4b\r\n`, 'DELE \xff\xf4b'],
    ['two doubled IACs', `DELE ${IAC}${IAC}${IAC}${IAC}\r\n`, 'DELE \xff\xff'],
    ['a command at the end', `NOOP${IP}\r\n`, 'NOOP'],
    ['a negotiation cut off by the end', `NOOP${WILL}\r\n`, 'NOOP'],
    ['an IAC that begins nothing', `${IAC}ABOR\r\n`, '\xffABOR'],
    ['an IAC at the very end', `NOOP${IAC}\r\n`, 'NOOP\xff'],
    // The kernel takes DM out of the stream when it is sent as urgent data, and leaves what was before it.
    ['IP, then an IAC whose DM went out of band', `${IP}${IAC}ABOR\r\n`, '\xffABOR'],
    ['Telnet bytes without an IAC', 'DELE \xf4\xf2\r\n', 'DELE \xf4\xf2'],
  ])('%s', (_, wire, expected) => {
    expect(lines(`${wire}NOOP\r\n`)).toEqual([expected, 'NOOP'])
  })
})

describe('clear', () => {
  test('forgets whole lines and a part of one', () => {
    const reader = new LineReader()
    reader.push(Buffer.from('AUTH TLS\r\nUSER eve\r\nPASS'))
    expect(reader.next()).toEqual(Buffer.from('AUTH TLS'))
    reader.clear()
    expect(reader.size).toBe(0)
    expect(reader.next()).toBeUndefined()
    reader.push(Buffer.from('NOOP\r\n'))
    expect(reader.next()).toEqual(Buffer.from('NOOP'))
  })

  test('ends the throwing away of a long line', () => {
    const reader = new LineReader()
    reader.push(Buffer.alloc(MAX_LINE_BYTES + 1, 'x'))
    expect(reader.next()).toBe('too long')
    reader.clear()
    reader.push(Buffer.from('NOOP\r\n'))
    expect(reader.next()).toEqual(Buffer.from('NOOP'))
  })
})

function feedAll(...texts: string[]): string[] {
  return feed(
    texts.map((text) => Buffer.from(text)),
    true,
  )
}

test('ABOR is taken without its LF, which Python sends as urgent data; one that comes later is not missed', () => {
  expect(feedAll('ABOR\r', 'NOOP\r\n')).toEqual(['ABOR', 'NOOP'])
  expect(feedAll('abor\r', '\nNOOP\r\n')).toEqual(['abor', 'NOOP'])
  expect(feedAll('ABOR\r', '\n\n')).toEqual(['ABOR', ''])
  expect(feedAll('ABOR\r', 'NOOP\r\n', '\n')).toEqual(['ABOR', 'NOOP', ''])
  expect(feedAll('DELE ABOR\r', '\n')).toEqual(['DELE ABOR'])
  expect(feedAll('STAT \r', '\n')).toEqual(['STAT '])
  expect(lines('NOOP\r\nABOR\r\nNOOP\r\n')).toEqual(['NOOP', 'ABOR', 'NOOP'])
})

test('the end of an overlong line is not ABOR', () => {
  expect(feedAll('x'.repeat(MAX_LINE_BYTES + 1), 'ABOR\r', '\nNOOP\r\n')).toEqual(['too long', 'NOOP'])
})

test('after clear(), an LF that was owed is a line of its own', () => {
  const reader = new LineReader()
  reader.push(Buffer.from('ABOR\r'))
  expect(reader.next()?.toString()).toBe('ABOR')
  reader.clear()
  reader.push(Buffer.from('\n'))
  expect(reader.next()?.toString()).toBe('')
})
