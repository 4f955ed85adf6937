/** A number from 0 to below 1 that depends on the seeds alone: who asks when does not matter. */
export function chance(...seeds: readonly number[]): number {
  // Mulberry32 (public domain), stirred once for each seed.
  let state = 0x9e3779b9
  let word = 0
  for (const seed of seeds) {
    state = (state ^ seed) | 0
    state = (state + 0x6d2b79f5) | 0
    word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    state = word ^ (word >>> 14)
  }
  return (state >>> 0) / 2 ** 32
}
