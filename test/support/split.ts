/** Every way that bytes can come in two chunks (an empty one at either end too), and byte by byte. */
export function* splits(bytes: Buffer): Generator<readonly Buffer[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield Array.from(bytes, (byte) => Buffer.from([byte]))
}
