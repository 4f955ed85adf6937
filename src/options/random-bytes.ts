// Taken when the module loads: jest looks up every global anew, which is slow in a loop of millions.
const { imul } = Math

/** The first bytes of a series that looks random and is the same for the same seed, a whole number. */
export function seededBytes(length: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4))
  // Mulberry32 (public domain): one multiplication chain a word, and every seed, 0 too, starts a series of its own.
  let state = seed | 0
  for (let i = 0; i < words.length; i++) {
    state = (state + 0x6d2b79f5) | 0
    let word = imul(state ^ (state >>> 15), 1 | state)
    word = (word + imul(word ^ (word >>> 7), 61 | word)) ^ word
    words[i] = word ^ (word >>> 14)
  }
  return Buffer.from(words.buffer, 0, length)
}
