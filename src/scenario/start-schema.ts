import type { ZodType } from 'zod'
import type { Kit } from '../faults/fault.ts'
import { size } from '../faults/shapes.ts'
import { type Check, isBoolean } from '../options/check.ts'
import { serverChecks } from '../servers/options.ts'

// What a server of a scenario starts with: the options, users and files of a fixture, as data.

/** Options of the server, and whether it speaks TLS. */
export function optionsSchema(z: Kit) {
  const checks: Readonly<Record<string, Check<unknown>>> = { ...serverChecks, tls: isBoolean }
  const shape = Object.entries(checks).map(([name, check]) => [name, checked(z, name, check).optional()])
  return z.strictObject(Object.fromEntries(shape) as Record<string, ZodType>).meta({
    description: 'Options of startFtpServer that hold while the scenario is played.',
  })
}

/** A value that has to pass a check; it stays as it was written, since the server reads it again. */
function checked(z: Kit, name: string, check: Check<unknown>): ZodType {
  return z.unknown().superRefine((value, context) => {
    try {
      check(value, name)
    } catch (error) {
      const expected = /expected (.*), found /s.exec((error as Error).message)?.[1] ?? (error as Error).message
      context.addIssue({ code: 'custom', message: expected, input: value })
    }
  })
}

/** Who may log in. */
export function usersSchema(z: Kit) {
  const user = z.strictObject({
    username: z.string(),
    password: z.string(),
    perm: z
      .string()
      .regex(/^[elradfmwMT]*$/, { error: 'letters of "elradfmwMT"' })
      .optional(),
    home: z.string().optional(),
    msgLogin: z.string().optional(),
    msgQuit: z.string().optional(),
  })
  return z.array(user).meta({ description: 'Who may log in, in place of the default user.' })
}

/** What is there to begin with. */
export function filesSchema(z: Kit) {
  const modified = z.union([z.number(), z.string()])
  const file = z.strictObject({
    content: z.string().optional(),
    base64: z.string().optional(),
    size: size(z).optional(),
    seed: z.int().optional(),
    mode: z.int().min(0).max(0o7777).optional(),
    modified: modified.optional(),
    link: z.string().optional(),
  })
  return z.union([z.string(), z.record(z.string(), z.union([z.string(), file]))]).meta({
    description: 'Files by path, the name of a world, or a directory to copy.',
  })
}
