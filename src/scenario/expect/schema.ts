import type { z as Zod, ZodType } from 'zod'
import type { Kit } from '../../faults/fault.ts'
import { duration, named, quantity, size } from '../../faults/shapes.ts'
import { type Check, invalidOption } from '../../options/check.ts'
import type { Suggested } from '../../options/suggested.ts'
import { parseSize, type Size } from '../../options/units.ts'
import { flawOf } from '../glob.ts'
import type { KnownVerb } from '../names.ts'
import type { Written } from '../written.ts'
import { verbAndArgument } from './command-pattern.ts'

type ExpectSchema = ReturnType<typeof expectSchema>

/** What a client should have done by the end, as scenarios and tests write it. */
export interface Expectation extends Written<Zod.input<ExpectSchema>> {}

/** An expectation that has been checked: its quantities are in their inner units. */
export type CheckedExpectation = Zod.output<ExpectSchema>
export type CheckedCommands = Zod.output<ReturnType<typeof commandsSchema>>
export type CheckedTransfer = Zod.output<ReturnType<typeof transferSchema>>

/** From how many to how many; one number is both. */
export interface Range {
  readonly min: number
  readonly max: number
}

const NO_COMMANDS = 'one command at least; for none, { exactly: [] }'

/** The schema of `expect`. */
export function expectSchema(z: Kit) {
  return z
    .strictObject({
      commands: z
        .union([
          z
            .array(commandPattern(z))
            .min(1, { error: NO_COMMANDS })
            .transform((inOrder) => [{ inOrder }]),
          commandsSchema(z).transform((one) => [one]),
          z.array(commandsSchema(z)).min(1, { error: NO_COMMANDS }),
        ])
        .optional()
        .meta({
          description:
            "The commands that came: ['RETR', 'REST', 'RETR *.bin'] in this order, others may stand between; or more precisely by inOrder, exactly and never.",
        }),
      transfers: z
        .array(transferSchema(z))
        .min(1, { error: 'one transfer at least; for none, { times: 0 }' })
        .optional()
        .meta({
          description:
            'Transfers that ended, listings among them; each entry has to be met by one at least, or by as many as times says.',
        }),
      files: z
        .record(z.string(), fileSchema(z))
        .refine(saysSomething, { error: 'one file at least' })
        .optional()
        .meta({ description: 'Files by their path under the root, as they are when this is verified.' }),
      sessions: range(z)
        .optional()
        .meta({ description: 'How many sessions did something: a number, or { min, max }.' }),
      quit: z
        .boolean()
        .optional()
        .meta({ description: 'Whether every session that has ended said QUIT (true), or none did (false).' }),
      within: duration(z)
        .optional()
        .meta({ description: "How long all of it may take by the server's clock, from the first event to the last." }),
    })
    .refine(saysSomething, { error: 'something to expect' })
}

function saysSomething(given: object): boolean {
  return Object.values(given).some((value) => value !== undefined)
}

function commandsSchema(z: Kit) {
  const list = (least: number, description: string) =>
    z.array(commandPattern(z)).min(least, { error: 'one command at least' }).optional().meta({ description })
  return z
    .strictObject({
      inOrder: list(1, 'These came in this order; others may stand between.'),
      exactly: list(0, 'These came in this order, and no others.'),
      never: list(1, 'None of these came.'),
      session: z.int().min(1).optional().meta({
        description: 'Only the commands of this session, from 1 as in rules. Default: of all.',
      }),
    })
    .refine(({ inOrder, exactly, never }) => (inOrder ?? exactly ?? never) !== undefined, {
      error: 'one of inOrder, exactly and never',
    })
    .refine(({ inOrder, exactly }) => inOrder === undefined || exactly === undefined, {
      error: 'inOrder or exactly, as exactly implies the order',
    })
}

/** A glob for a verb, and perhaps one for the argument. */
function commandPattern(z: Kit): ZodType<string, Suggested<KnownVerb>> {
  const error = "a verb, and a glob for its argument perhaps, such as 'RETR' or 'RETR *.bin'"
  const description = "A verb, alone or with a glob for its argument: 'RETR', 'RETR *.bin'."
  const text = z.string().regex(/^\S+( .+)?$/, { error, abort: true })
  return named('CommandPattern', description, () => globs(text, verbAndArgument))
}

/** Text that is made of globs. */
function globs(text: ZodType<string, string>, parts: (text: string) => readonly string[]) {
  return text.superRefine((given, context) => {
    const reason = parts(given)
      .map(flawOf)
      .find((flaw) => flaw !== undefined)
    if (reason !== undefined) context.addIssue({ code: 'custom', message: 'a glob', params: { reason } })
  })
}

function transferSchema(z: Kit) {
  const error = "a glob for an absolute path, such as '/pub/*.bin' or '**/*.txt'"
  const absolute = z.string().regex(/^[^\w.-]/, { error, abort: true })
  return z
    .strictObject({
      path: globs(absolute, (path) => [path])
        .optional()
        .meta({ description: "A glob for the absolute path: '/pub/*.bin', '**/*.txt'. Default: any." }),
      verb: (z.string() as ZodType<string, Suggested<KnownVerb>>)
        .optional()
        .meta({ description: "The command: 'RETR', 'APPE', 'MLSD' … Default: any." }),
      direction: z
        .enum(['sent', 'received'])
        .optional()
        .meta({ description: 'As the server sees it: a download is sent, an upload received. Default: either.' }),
      complete: z.boolean().optional().meta({ description: 'Whether it went to its end. Default: either.' }),
      bytes: byteLimit(z)
        .optional()
        .meta({ description: "How many bytes crossed the connection: 1024, '64KiB', '>=64KiB', '<1MiB'." }),
      sha256: sha256(z).optional().meta({ description: 'In hex, of what is in the file when this is verified.' }),
      resumed: z
        .boolean()
        .optional()
        .meta({ description: 'Whether it went on from a restart marker (REST), or behind what was there (APPE).' }),
      times: range(z).optional().meta({ description: 'How many transfers are to be such. Default: one at least.' }),
    })
    .refine(saysSomething, { error: 'something to tell transfers by' })
}

function fileSchema(z: Kit) {
  return z.union([
    z.boolean().transform((exists): CheckedFile => ({ absent: !exists })),
    z.string().transform((content): CheckedFile => ({ content })),
    z
      .strictObject({
        content: z.string().optional().meta({ description: 'Its text, in UTF-8.' }),
        size: size(z).optional().meta({ description: 'How long it is.' }),
        sha256: sha256(z).optional().meta({ description: 'The SHA-256 of its bytes, in hex.' }),
        absent: z.boolean().optional().meta({ description: 'Whether there is no such file. Default: there is one.' }),
      })
      .refine((file) => file.absent !== true || Object.keys(file).length === 1, {
        error: 'absent alone: nothing else can be said of a file that is not there',
      })
      .transform((file): CheckedFile => file),
  ])
}

/** What a file is to be like; it is to exist unless it says otherwise. */
export interface CheckedFile {
  readonly content?: string | undefined
  readonly size?: number | undefined
  readonly sha256?: string | undefined
  readonly absent?: boolean | undefined
}

function sha256(z: Kit) {
  return z
    .string()
    .regex(/^[0-9a-f]{64}$/i, { error: 'a SHA-256 in hex: 64 digits' })
    .transform((hex) => hex.toLowerCase())
}

function range(z: Kit) {
  const count = z.int().min(0)
  const bounds = z
    .strictObject({
      min: count.optional().meta({ description: 'At least so many. Default: 0.' }),
      max: count.optional().meta({ description: 'At most so many. Default: any number.' }),
    })
    .refine(saysSomething, { error: 'min or max in it' })
    .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, { error: 'a min that is not above max' })
  return z.union([
    count.transform((exactly): Range => ({ min: exactly, max: exactly })),
    bounds.transform(({ min = 0, max = Number.POSITIVE_INFINITY }): Range => ({ min, max })),
  ])
}

/** A number of bytes to compare with. */
export interface ByteLimit {
  readonly is: '=' | '>=' | '<=' | '>' | '<'
  readonly bytes: number
}

function byteLimit(z: Kit): ZodType<ByteLimit, Size | `${'>=' | '<=' | '>' | '<'}${number}${string}`> {
  return quantity(z, parseByteLimit, '^ *(>=|<=|>|<)? *[0-9]+([.][0-9]+)? *(B|KiB|MiB|GiB|kB|MB|GB)?$')
}

const parseByteLimit: Check<ByteLimit> = (value, name) => {
  const [, is = '=', amount = ''] = /^\s*(>=|<=|>|<)?\s*(.*?)\s*$/.exec(String(value)) ?? []
  try {
    const bytes = parseSize(/^\d+$/.test(amount) ? Number(amount) : amount, name)
    return { is: is as ByteLimit['is'], bytes }
  } catch {
    throw invalidOption(name, value, "whole bytes ≥ 0, or a string such as '64KiB', '>=64KiB' or '<1MiB'")
  }
}
