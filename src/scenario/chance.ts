/** A number from 0 to below 1 that depends on the seeds alone: who asks when does not matter. */
export function chance(...seeds: readonly number[]): number {
  let state = 0
  for (const seed of seeds) state = stirred(((state + 0x9e3779b9) | 0) ^ seed)
  return (state >>> 0) / 2 ** 32
}

/** The finalizer of MurmurHash3 (public domain): each bit of what goes in turns over half of those that come out. */
function stirred(word: number): number {
  let state = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return state ^ (state >>> 16)
}
