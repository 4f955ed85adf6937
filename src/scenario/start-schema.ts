import type { ZodType } from 'zod'
import type { Kit } from '../faults/fault.ts'
import { size } from '../faults/shapes.ts'
import { type Check, expectedBy, isBoolean } from '../options/check.ts'
import type { Suggested } from '../options/suggested.ts'
import type { Size } from '../options/units.ts'
import { type ServerOptions, serverChecks } from '../servers/options.ts'
import type { World } from './names.ts'
import type { Form } from './schema.ts'

// What a server of a scenario starts with: the options, users and files of a fixture, as data.

/** Options of the server that a scenario sets, and whether it speaks TLS. */
export type ScenarioOptions = ServerOptions & { tls?: boolean }

/** Somebody who may log in. */
export interface ScenarioUser {
  readonly username: string
  readonly password: string
  /** Permission letters. Default: 'elradfmwMT', everything. */
  readonly perm?: string | undefined
  /** A directory below the root, made when it is missing. Default: the root. */
  readonly home?: string | undefined
  /** Text of the reply to the login. */
  readonly msgLogin?: string | undefined
  /** Text of the reply to QUIT. */
  readonly msgQuit?: string | undefined
}

/** A file of a scenario, with more to it than its text; a link where it has `link`. */
export interface ScenarioFile {
  readonly content?: string | undefined
  readonly base64?: string | undefined
  readonly size?: Size | undefined
  readonly seed?: number | undefined
  readonly mode?: number | undefined
  readonly modified?: Date | number | string | undefined
  readonly link?: string | undefined
}

/** The files of a scenario: by path, the name of a world, or a directory to copy. */
export type ScenarioFiles = Readonly<Record<string, string | Uint8Array | ScenarioFile>> | Suggested<World> | URL

/** What cannot be written down as data. */
const CODE_ONLY: readonly string[] = ['sslContext']

/** Options of the server, and whether it speaks TLS. */
export function optionsSchema(z: Kit, form: Form): ZodType<ScenarioOptions, ScenarioOptions> {
  const checks: Readonly<Record<string, Check<unknown>>> = { ...serverChecks, tls: isBoolean }
  const shape = Object.entries(checks)
    .filter(([name]) => form === 'code' || !CODE_ONLY.includes(name))
    .map(([name, check]) => [name, checked(z, name, check).optional()])
  return z.strictObject(Object.fromEntries(shape) as Record<string, ZodType>).meta({
    description: 'Options of startFtpServer that hold while the scenario is played.',
  }) as unknown as ZodType<ScenarioOptions, ScenarioOptions>
}

/** A value that has to pass a check; it stays as it was written, since the server reads it again. */
function checked(z: Kit, name: string, check: Check<unknown>): ZodType {
  return z.unknown().superRefine((value, context) => {
    if (value === undefined) return
    try {
      check(value, name)
    } catch (error) {
      context.addIssue({ code: 'custom', message: expectedBy(error as Error), input: value })
    }
  })
}

/** Who may log in. */
export function usersSchema(z: Kit): ZodType<readonly ScenarioUser[], readonly ScenarioUser[]> {
  const user = z.strictObject({
    username: z.string().min(1).meta({ description: 'The name given with USER.' }),
    password: z.string().meta({ description: 'The one given with PASS.' }),
    perm: z
      .string()
      .regex(/^[elradfmwMT]*$/, { error: 'letters of "elradfmwMT"' })
      .optional()
      .meta({ description: "Permission letters. Default: 'elradfmwMT', everything." }),
    home: z.string().optional().meta({ description: 'A directory below the root. Default: the root.' }),
    msgLogin: z.string().optional().meta({ description: 'Text of the reply to the login.' }),
    msgQuit: z.string().optional().meta({ description: 'Text of the reply to QUIT.' }),
  })
  return z.array(user).min(1).meta({ description: 'Who may log in, in place of the default user.' })
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is there to begin with. */
export function filesSchema(z: Kit, form: Form): ZodType<ScenarioFiles, ScenarioFiles> {
  const isCode = form === 'code'
  const time = z.union([z.number(), z.string()])
  const file = z.strictObject({
    content: z.string().optional().meta({ description: 'Its text.' }),
    base64: z.string().optional().meta({ description: 'Its bytes, in base64.' }),
    size: size(z).optional().meta({ description: 'Its size, filled with bytes that look random.' }),
    seed: z.int().optional().meta({ description: 'Goes with size: other bytes for each. Default: 0.' }),
    mode: z.int().min(0).max(0o7777).optional().meta({ description: 'Permission bits, such as 0o644.' }),
    modified: (isCode ? z.union([time, z.date()]) : time)
      .optional()
      .meta({ description: 'Time of last modification: milliseconds since the epoch, or ISO 8601 text.' }),
    link: z.string().optional().meta({ description: 'Makes it a symbolic link, and says where to.' }),
  })
  const description = 'A file by its text or in detail; a directory where the name ends in /.'
  const text = z.union([z.string(), file])
  const entry = isCode ? z.union([text, z.instanceof(Uint8Array, { error: 'bytes' })]) : text
  const byPath = z.record(z.string(), entry.meta({ description }))
  // What is no object was meant for neither.
  const error = ({ input }: { readonly input: unknown }) =>
    isRecord(input) ? undefined : 'files by path, the name of a world, or a directory'
  const files = z.union([z.string(), byPath], { error })
  return (isCode ? z.union([files, z.instanceof(URL, { error: 'a URL' })]) : files).meta({
    description: 'Files by path, the name of a world, or a directory to copy, relative to this file.',
  }) as unknown as ZodType<ScenarioFiles, ScenarioFiles>
}
