import { describe, expect, test } from 'vitest'
import { FromNetworkAscii, ToNetworkAscii } from '../../src/protocol/ascii.ts'
import { splits } from '../support/split.ts'

/** The conversion of a text; it must not matter how its bytes are cut. */
function toNetwork(text: string): string {
  return converted(text, (chunks) => {
    const ascii = new ToNetworkAscii()
    return chunks.map((chunk) => ascii.convert(chunk))
  })
}

function fromNetwork(text: string): string {
  return converted(text, (chunks) => {
    const ascii = new FromNetworkAscii()
    // Copied at once: what a converter gives out may be gone when the next chunk comes.
    return [...chunks.map((chunk) => Buffer.from(ascii.convert(chunk))), ascii.flush()]
  })
}

function converted(text: string, convert: (chunks: readonly Buffer[]) => Buffer[]): string {
  const bytes = Buffer.from(text, 'latin1')
  const whole = Buffer.concat(convert([bytes])).toString('latin1')
  for (const chunks of splits(bytes)) expect(Buffer.concat(convert(chunks)).toString('latin1')).toBe(whole)
  expect(bytes.toString('latin1'), 'the chunk itself is left alone').toBe(text)
  return whole
}

const BINARY = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 7) & 255)).toString('latin1')

describe('to the network', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    ['\n', '\r\n'],
    ['\n\n', '\r\n\r\n'],
    ['a\nb\n', 'a\r\nb\r\n'],
    ['\na', '\r\na'],
    ['\r\n', '\r\n'],
    ['a\r\nb\n', 'a\r\nb\r\n'],
    ['a\nb\r\n\nc', 'a\r\nb\r\n\r\nc'],
    ['\r', '\r'],
    ['a\rb', 'a\rb'],
    ['\r\r\n', '\r\r\n'],
    ['\n\r', '\r\n\r'],
    ['\n\r\n\r', '\r\n\r\n\r'],
    ['a\0\xff\n', 'a\0\xff\r\n'],
  ])('%j becomes %j', (text, expected) => {
    expect(toNetwork(text)).toBe(expected)
  })

  test('leaves all other bytes alone', () => {
    expect(toNetwork(BINARY)).toBe(BINARY.replaceAll(/(?<!\r)\n/g, '\r\n'))
  })

  test('hands a chunk without line ends on without a copy', () => {
    const chunk = Buffer.from('no line end')
    expect(new ToNetworkAscii().convert(chunk)).toBe(chunk)
  })

  test('remembers a CR over an empty chunk', () => {
    const ascii = new ToNetworkAscii()
    const chunks = ['a\r', '', '\nb'].map((text) => ascii.convert(Buffer.from(text)))
    expect(Buffer.concat(chunks).toString()).toBe('a\r\nb')
  })
})

describe('from the network', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    ['\r\n', '\n'],
    ['\r\n\r\n', '\n\n'],
    ['a\r\nb\r\n', 'a\nb\n'],
    ['\n', '\n'],
    ['a\nb', 'a\nb'],
    ['\r', '\r'],
    ['a\r', 'a\r'],
    ['a\rb', 'a\rb'],
    ['\r\r\n', '\r\n'],
    ['\r\r\r\n', '\r\r\n'],
    ['\r\n\r', '\n\r'],
    ['\r\r', '\r\r'],
    ['\n\r', '\n\r'],
    ['a\r\0b', 'a\r\0b'],
    ['\xff\r\n\0', '\xff\n\0'],
  ])('%j becomes %j', (text, expected) => {
    expect(fromNetwork(text)).toBe(expected)
  })

  test('leaves all other bytes alone', () => {
    expect(fromNetwork(BINARY)).toBe(BINARY.replaceAll('\r\n', '\n'))
  })

  test('a CR is held back until the next byte is known, and flushed once', () => {
    const ascii = new FromNetworkAscii()
    expect(ascii.convert(Buffer.from('a\r')).toString()).toBe('a')
    expect(ascii.convert(Buffer.from('')).toString()).toBe('')
    expect(ascii.flush().toString()).toBe('\r')
    expect(ascii.flush().toString()).toBe('')
    expect(ascii.convert(Buffer.from('\n')).toString()).toBe('\n')
  })
})

describe('there and back', () => {
  test.each(['', 'a', 'a\nb\n', '\n\n\n', 'a\rb', '\r', 'ends with\n\r', 'no end'])('%j', (text) => {
    expect(fromNetwork(toNetwork(text))).toBe(text)
  })

  test('a host text with CRLF comes back with LF: it could not be told apart', () => {
    expect(fromNetwork(toNetwork('a\r\nb\n'))).toBe('a\nb\n')
  })
})
