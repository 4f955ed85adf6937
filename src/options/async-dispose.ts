/**
 * The method that `await using` calls. On Node 20 the context that jest and vitest's vmThreads run tests in does not know
 * it; what compilers make of `await using` asks for this name then.
 */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose)
