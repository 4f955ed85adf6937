import type { Kit } from '../../faults/fault.ts'

/** What a client should have done by the end. */
export function expectSchema(z: Kit) {
  return z.strictObject({
    commands: z.array(z.string()).optional(),
  })
}
