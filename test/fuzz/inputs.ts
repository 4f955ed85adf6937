import fc from 'fast-check'

/** Bytes, and the same ones in pieces as a connection may bring them. */
export interface InPieces {
  readonly whole: Buffer
  readonly pieces: readonly Buffer[]
}

/** Bytes cut anywhere, also into single ones and empty ones. */
export function inPieces(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<InPieces> {
  const cuts = fc.oneof(
    fc.constant('each' as const),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  )
  return fc.tuple(bytes, cuts).map(([whole, cuts]) => {
    const at =
      cuts === 'each' ? Array.from(whole, (_, index) => index) : cuts.map((cut) => Math.floor(cut * whole.length))
    const places = [0, ...at.sort((a, b) => a - b), whole.length]
    return { whole, pieces: places.slice(1).map((end, index) => whole.subarray(places[index], end)) }
  })
}

/** Characters that some part of the server takes for more than a letter, among any others. */
const special = fc.constantFrom(
  ...[
    '\r',
    '\n',
    '\0',
    '\t',
    ' ',
    '/',
    '\\',
    '.',
    '..',
    '"',
    "'",
    ';',
    '=',
    ':',
    '|',
    '*',
    '?',
    '[',
    ']',
    '{',
    '}',
    '-',
  ],
  ...[
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ufffd',
    '\u010a',
    '\u202e',
    'é',
    'e\u0301',
    '語',
    '😀',
    '\ud800',
    '%00',
    '%2e',
    '~',
  ],
)

/** Text with anything in it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.oneof(special, fc.string({ maxLength: 3 })), { maxLength: 10 }).map((parts) => parts.join('')),
)

/** A name that a file can have on Linux. */
export const fileName: fc.Arbitrary<string> = anyText
  .map((text) => Buffer.from(text.replaceAll(/[/\0]/g, '_').slice(0, 60)).toString())
  .filter((name) => name !== '' && name !== '.' && name !== '..')

/** The text of a number, or nearly: with signs, zeros, fractions, exponents, and digits of other scripts. */
export const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double().map(String),
  fc.nat(300).map((value) => String(value).padStart(4, '0')),
  fc.constantFrom('', '-0', '+1', '0x10', '1e3', '٣', '１', '1_000', ' 1', '1 ', '1\n', 'NaN', 'Infinity'),
)

/** What a test does with a text that may take too long: more than a second for it is out of all proportion. */
export function soon<T>(action: () => T, limitMs = 1000): T {
  const began = performance.now()
  const result = action()
  const tookMs = performance.now() - began
  if (tookMs > limitMs) throw new Error(`took ${Math.round(tookMs)} ms`)
  return result
}
