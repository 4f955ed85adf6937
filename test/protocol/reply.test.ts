import { describe, expect, test } from 'vitest'
import { formatReply, harmless, isPreliminary, reply, textLines } from '../../src/protocol/reply.ts'

describe('a reply on the wire', () => {
  test('of one line', () => {
    expect(formatReply(reply(200, 'Done.'))).toBe('200 Done.\r\n')
    expect(formatReply(reply(200, ''))).toBe('200 \r\n')
    expect(formatReply({ code: 200, lines: [] })).toBe('200 \r\n')
  })

  test('of two lines', () => {
    expect(formatReply(reply(211, 'Status:', 'End.'))).toBe('211-Status:\r\n211 End.\r\n')
  })

  test('of several lines, the inner ones as they are', () => {
    expect(formatReply(reply(211, 'Features:', ' EPRT', '', 'MLST type*;', 'End.'))).toBe(
      '211-Features:\r\n EPRT\r\n\r\nMLST type*;\r\n211 End.\r\n',
    )
  })

  // RFC 959 §4.2: an inner line that begins with three digits has to be led by something else.
  test.each([
    ['226 Transfer complete.', ' 226 Transfer complete.'],
    ['226-Transfer', ' 226-Transfer'],
    ['211 End.', ' 211 End.'],
    ['226', ' 226'],
    ['2024.txt', ' 2024.txt'],
    ['22 files', '22 files'],
    [' 226 led already', ' 226 led already'],
    ['-rw-r--r--', '-rw-r--r--'],
    // Not digits to any client.
    ['٢٢٦ x', '٢٢٦ x'],
  ])('an inner line %j is sent as %j', (line, sent) => {
    expect(formatReply(reply(213, 'Status:', line, 'End.'))).toBe(`213-Status:\r\n${sent}\r\n213 End.\r\n`)
  })

  test.each([
    '/a\r\n226 Transfer complete.',
    '/a\n226 Transfer complete.',
    '/a\r226 Transfer complete.',
    '/a\x126 Transfer complete.',
    '\r\n\r\n226 Done.\r\n',
  ])('%j cannot break out of any line', (evil) => {
    const shown = evil.replace(/[\r\n\0]/g, '?')
    expect(formatReply(reply(550, evil))).toBe(`550 ${shown}\r\n`)
    expect(formatReply(reply(250, evil, evil, evil))).toBe(`250-${shown}\r\n${shown}\r\n250 ${shown}\r\n`)
  })

  test('an inner line is led by a space also when its CR or LF has become harmless', () => {
    expect(formatReply(reply(213, 'Status:', '226\r\nDone', 'End.'))).toBe('213-Status:\r\n 226??Done\r\n213 End.\r\n')
  })
})

describe('harmless text', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['a\r\nb\0c\rd\ne', 'a??b?c?d?e'],
    ['tab\tand ünïcödé 日本', 'tab\tand ünïcödé 日本'],
  ])('%j is %j', (text, expected) => {
    expect(harmless(text)).toBe(expected)
    expect(harmless(harmless(text))).toBe(expected)
  })
})

describe('a text as lines', () => {
  test.each([
    ['one line', 'Welcome.', ['Welcome.']],
    ['nothing', '', ['']],
    ['75 characters', 'x'.repeat(75), ['x'.repeat(75)]],
    ['76 characters, which take the multi-line form', 'x'.repeat(76), ['x'.repeat(76), '']],
    ['LF', 'Welcome\nto this\nserver', ['Welcome', 'to this', 'server']],
    ['CRLF', 'Welcome\r\nto this\r\nserver', ['Welcome', 'to this', 'server']],
    ['a line end at the end', 'Welcome\n', ['Welcome', '']],
    ['several long lines', `${'x'.repeat(76)}\nend`, ['x'.repeat(76), 'end']],
  ])('%s', (_, text, expected) => {
    expect(textLines(text)).toEqual(expected)
  })

  test('a long banner goes out as a multi-line 220', () => {
    const banner = 'x'.repeat(76)
    expect(formatReply(reply(220, ...textLines(banner)))).toBe(`220-${banner}\r\n220 \r\n`)
  })
})

test('only a reply with a completion is preliminary', () => {
  const completion = Promise.resolve(reply(226, 'Transfer complete.'))
  expect(isPreliminary({ code: 150, lines: ['Opening.'], completion })).toBe(true)
  expect(isPreliminary(reply(226, 'Transfer complete.'))).toBe(false)
})
