import { commands } from '../commands/index.ts'
import { securityCommands } from '../commands/security.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Need } from '../faults/fault.ts'
import { maySuit } from '../faults/needs.ts'
import { type Phase, phaseNeeds } from '../faults/phases.ts'

/** Every command of a server that speaks TLS. */
export const knownCommands: CommandTable = { ...commands, ...securityCommands }

/** What a fault needs of a command, or a moment: that it is one verb, or that there is none. */
export type Demand = Need | { readonly verb: string } | 'no command'

/** What a moment needs of the exchange it is in. */
export const phaseDemands: Readonly<Partial<Record<Phase, Demand>>> = {
  ...phaseNeeds,
  accept: 'no command',
  greeting: 'no command',
  greeted: 'no command',
  quit: { verb: 'QUIT' },
  idle: 'no command',
}

/** Whether a command can ever be what is needed. */
export function meets(demand: Demand | undefined, verb: string): boolean {
  if (demand === undefined) return true
  if (demand === 'no command') return false
  if (typeof demand === 'object') return demand.verb === verb
  const spec = knownCommands[verb]
  return maySuit(demand, { verb, argument: '', ...(spec && { spec }) })
}

/** Whether a client's connecting can ever be what is needed: with implicit TLS it encrypts. */
export function meetsConnecting(demand: Demand | undefined): boolean {
  return demand === undefined || demand === 'handshake' || demand === 'control-handshake'
}

/** Whether there is no command yet at a moment, or none any more. */
export function isWithoutCommand(phase: Phase): boolean {
  return phaseDemands[phase] === 'no command'
}

/** The commands that are what is needed. */
export function verbsFor(demand: Demand | undefined): string[] {
  return Object.keys(knownCommands).filter((verb) => meets(demand, verb))
}
