/** A value as somebody writes it who may have frozen it, by `as const` say: it is only read. */
export type Written<T> = T extends string | ((...args: never[]) => unknown)
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Written<Each>[]
    : T extends object
      ? { readonly [K in keyof T]: Written<T[K]> }
      : T
