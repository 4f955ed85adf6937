import fc from 'fast-check'
import { expect } from 'vitest'
import { type Line, LineReader, MAX_LINE_BYTES } from '../../src/protocol/line-reader.ts'
import { inPieces } from './inputs.ts'
import { holds } from './runs.ts'

const [LF, CR, IAC] = [0x0a, 0x0d, 0xff]
const TOO_LONG = 'too long'

/** What clients send, by rights or not: words, line ends of all kinds, NUL, Telnet commands, and what is too long. */
const piece = fc.oneof(
  fc.constantFrom('NOOP', 'abor', 'ABOR\r\n', 'ABOR\r', '\r\n', '\r', '\n', '\0', ' ', '\xff', '\xff\xff').map(latin1),
  fc.tuple(fc.constant(IAC), fc.integer({ min: 0xf0, max: 0xff }), fc.nat(0xff)).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom('x', '\r', '\xff')).map(aboutTheLimit),
)
const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces))

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function aboutTheLimit([more, letter]: [number, string]): Buffer {
  return latin1(letter.repeat(MAX_LINE_BYTES + more))
}

/** Lines that differ are shown then. */
function asText(line: Line): string {
  return line === TOO_LONG ? line : line.toString('latin1')
}

function linesOf(chunks: readonly Buffer[], reader = new LineReader()): string[] {
  const lines: string[] = []
  let held = 0
  for (const chunk of chunks) {
    // A socket's chunks lie in memory that is used again.
    reader.push(Buffer.from(chunk))
    for (let line = reader.next(); line !== undefined; line = reader.next()) lines.push(asText(line))
    held = Math.max(held, reader.size)
  }
  expect(held).toBeLessThanOrEqual(MAX_LINE_BYTES + 1)
  return lines
}

/** The same, as RFC 959 and RFC 854 have it and no more; the last line is the one that has not ended. */
function naiveLines(bytes: Buffer): string[] {
  const texts = bytes
    .toString('latin1')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
  const last = texts.pop() ?? ''
  const lines = texts.map((text) => (text.length > MAX_LINE_BYTES ? TOO_LONG : withoutTelnet(text)))
  return last.length > MAX_LINE_BYTES ? [...lines, TOO_LONG] : lines
}

function withoutTelnet(line: string): string {
  return line.replace(/\xff(?:(\xff)|[\xfb-\xfe](?:.|$)|[\xf1-\xfa])/gs, '$1')
}

/** ABOR is taken without its LF, which TCP's urgent data takes away; what follows is another line then. */
function hasAborBeforeText(bytes: Buffer): boolean {
  return /(?:^|\n)abor\r(?!\n)/i.test(bytes.toString('latin1'))
}

holds(
  'the lines are those of a naive reader, however the bytes are cut',
  fc.property(inPieces(stream), ({ whole, pieces }) => {
    fc.pre(!hasAborBeforeText(whole))
    expect(linesOf(pieces)).toEqual(naiveLines(whole))
  }),
  { runs: 200 },
)

holds(
  'a line has no line end in it and is not too long, whatever comes',
  fc.property(inPieces(stream), ({ pieces }) => {
    for (const line of linesOf(pieces)) {
      if (line === TOO_LONG) continue
      expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES)
      expect(line).not.toContain('\n')
    }
  }),
)

holds(
  'ABOR without its LF is taken at once, and a LF that follows belongs to it',
  fc.property(stream, fc.boolean(), fc.constantFrom('ABOR\r', 'abor\r', 'AbOr\r'), (before, comes, abor) => {
    fc.pre(!hasAborBeforeText(before))
    const complete = [before, latin1('\n'), latin1(abor), latin1(comes ? '\nNOOP\r\n' : 'NOOP\r\n')]
    expect(linesOf(complete).slice(-2)).toEqual([abor.slice(0, -1), 'NOOP'])
  }),
)

holds(
  'what is forgotten leaves no trace',
  fc.property(stream, stream, (before, after) => {
    fc.pre(!hasAborBeforeText(after))
    const reader = new LineReader()
    reader.push(before)
    while (reader.next() !== undefined);
    reader.clear()
    expect(reader.size).toBe(0)
    expect(linesOf([after], reader)).toEqual(naiveLines(after))
  }),
  { examples: [[Buffer.from([CR]), Buffer.from([LF])]] },
)
