import { cut } from './cut.ts'
import { delay } from './delay.ts'
import { reply } from './reply.ts'
import { run } from './run.ts'

/** Every fault, by the name that scenarios give it. */
export const faults = { cut, delay, reply, run } as const
