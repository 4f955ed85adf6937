import { expectTypeOf, test } from 'vitest'
import type { z as Zod } from 'zod'
import type { faults } from '../../src/faults/table.ts'
import type { scenarioSchemas } from '../../src/scenario/schema.ts'
import type { Expectation, Rule, Scenario, ScenarioUser, Then, When } from '../../src/scenario.ts'

// The types are written from the JSON Schema, which knows no units and no functions: here they are held against what
// the schemas themselves take. A compiler says so; nothing of it is run.

type Anything = (...args: never[]) => unknown

/** Only read, and spelt out. */
type Plain<T> = T extends string | Anything
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Plain<Each>[]
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T

/** Whether two types are one, down to what may be left out of them. */
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false

type Schemas = ReturnType<typeof scenarioSchemas>
type Faults = typeof faults
type Settings = { [K in keyof Faults]?: Zod.input<ReturnType<Faults[K]['schema']>> }
type Taken = Zod.input<Schemas['scenario']>

test('what is written is what the schemas take', () => {
  expectTypeOf<Same<When, Zod.input<Schemas['when']>>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Omit<Rule, 'then'>, Omit<Zod.input<Schemas['rule']>, 'then'>>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Expectation, Zod.input<Schemas['expect']>>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Omit<Scenario, 'rules'>, Omit<Taken, 'rules'>>>().toEqualTypeOf<true>()
  expectTypeOf<keyof Scenario>().toEqualTypeOf<keyof Taken>()
  expectTypeOf<Scenario['rules']>().toEqualTypeOf<readonly Rule[] | undefined>()
})

test('each fault has the settings that its schema takes', () => {
  type Other = { [K in keyof Faults]: Same<Then[K], Settings[K]> extends true ? never : K }[keyof Faults]
  expectTypeOf<Other>().toEqualTypeOf<never>()
  expectTypeOf<Same<Then, Settings>>().toEqualTypeOf<true>()
})

test('whatever is another type is told', () => {
  expectTypeOf<Same<When, Omit<When, 'phase'>>>().toEqualTypeOf<false>()
  expectTypeOf<Same<When, Required<When>>>().toEqualTypeOf<false>()
  expectTypeOf<Same<ScenarioUser, ScenarioUser & { readonly age?: number }>>().toEqualTypeOf<false>()
  expectTypeOf<Same<{ readonly a: `${number}s` }, { readonly a: string }>>().toEqualTypeOf<false>()
})
