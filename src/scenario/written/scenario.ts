import type { MarkText } from '../../faults/marks.ts'
import type { RunFunction } from '../../faults/run.ts'
import type { Suggested } from '../../options/suggested.ts'
import type { Duration, Size } from '../../options/units.ts'
import type { ScenarioFiles, ScenarioOptions } from '../start-schema.ts'
import type { Expectation } from './expectation.ts'
import type { BuiltInScenario, KnownVerb } from './names.ts'
import type { Then } from './then.ts'

// `npm run schema` writes this file.

/** A way for a server to misbehave, what it starts with for that, and what a client should make of it. */
export interface Scenario {
  /** Where editors find the JSON Schema. */
  readonly $schema?: string | undefined
  /** What it is called. Default: the name of the file. */
  readonly name?: string | undefined
  /** What a client meets, in a sentence or two. */
  readonly description?: string | undefined
  /** What it is about, in a word or two. */
  readonly theme?: string | undefined
  /** What a good client that was told to list, download and upload says in the end, by its exit status: success where it can do all of it nevertheless, failure where it cannot, either where to say so is as good as to cope. Only `ftp-fixture check` knows exit statuses, and goes by it. Default: either. */
  readonly outcome?: 'success' | 'failure' | 'either' | undefined
  /** Where this was seen in the wild: links. */
  readonly source?: string | readonly string[] | undefined
  /** Scenarios that this one adds to: names of built-in ones, or files, relative to this one. Options go by key and files by path, users are replaced, rules come first, what is expected goes by key. */
  readonly extends?: Suggested<BuiltInScenario> | readonly Suggested<BuiltInScenario>[] | undefined
  /** Whatever is left to chance comes out the same for the same seed. Default: 0. */
  readonly seed?: number | undefined
  /** Options of startFtpServer that hold while the scenario is played. */
  readonly options?: ScenarioOptions | undefined
  /** Who may log in, in place of the default user. */
  readonly users?: readonly ScenarioUser[] | undefined
  /** Files by path, the name of a world, or a directory to copy, relative to this file. */
  readonly files?: ScenarioFiles | undefined
  /** What happens when; all rules that match apply, in this order. */
  readonly rules?: readonly Rule[] | undefined
  /** What a client should have done by the end. */
  readonly expect?: Expectation | undefined
}

/** One thing that a server does wrong, and when. */
export interface Rule {
  /** What it is called in messages. Default: rules[0] … */
  readonly name?: string | undefined
  /** All of this has to hold. Default: always. */
  readonly when?: When | undefined
  /** How many matches to let pass first. Default: 0. */
  readonly skip?: number | undefined
  /** How often it applies. Default: always. */
  readonly times?: number | 'always' | undefined
  /** What skip and times are counted in. Default: scenario. */
  readonly per?: 'scenario' | 'session' | undefined
  /** With what probability it applies to a match, from 0 to 1. */
  readonly chance?: number | undefined
  /** For chance. Default: the scenario's. */
  readonly seed?: number | undefined
  /** Whether it is fine when it never applies. Default: false. */
  readonly optional?: boolean | undefined
  /** What happens: faults with their settings, done in the order written; also as a list, or a function of yours. */
  readonly then: Then | readonly Then[] | RunFunction
}

/** When a rule applies; every field may be left out. */
export interface When {
  /** The command, or several. Default: any that the fault can be done to. */
  readonly command?: Suggested<KnownVerb> | readonly Suggested<KnownVerb>[] | undefined
  /** A glob for the argument. */
  readonly argument?: string | undefined
  /** A glob for the path, made absolute: `'/pub/*.bin'`, or `'/pub/**'` for all below. */
  readonly path?: string | undefined
  /** Who is logged in, or about to. */
  readonly user?: string | readonly string[] | undefined
  /** The number of the session, from 1 since the scenario was put on, in the order of connecting. */
  readonly session?: number | readonly number[] | undefined
  /** The TYPE that is set. */
  readonly type?: 'A' | 'I' | undefined
  /** Only as long as the session has not said this command, or any of these. */
  readonly unsaid?: Suggested<KnownVerb> | readonly Suggested<KnownVerb>[] | undefined
  /** Whether somebody is logged in. */
  readonly login?: boolean | undefined
  /** The moment to act in. Default: the one of the fault. */
  readonly phase?:
    | 'accept'
    | 'tls-handshake'
    | 'greeting'
    | 'greeted'
    | 'before-read'
    | 'after-read'
    | 'quit'
    | 'data-listen'
    | 'data-accept'
    | 'data-tls'
    | 'preliminary'
    | 'data-byte'
    | 'data-end'
    | 'data-closed'
    | 'final'
    | 'replied'
    | 'idle'
    | undefined
  /** For the phase data-byte: behind how much of the data. */
  readonly at?: MarkText | undefined
  /** For the phase idle: after how long a silence. */
  readonly after?: Duration | undefined
}

/** Somebody who may log in. */
export interface ScenarioUser {
  /** The name given with USER. */
  readonly username: string
  /** The one given with PASS. */
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
  /** Its text. */
  readonly content?: string | undefined
  /** Its bytes, in base64. */
  readonly base64?: string | undefined
  /** Its size, filled with bytes that look random. */
  readonly size?: Size | undefined
  /** Goes with size: other bytes for each. Default: 0. */
  readonly seed?: number | undefined
  /** Permission bits, such as 0o644. */
  readonly mode?: number | undefined
  /** Time of last modification: milliseconds since the epoch, or ISO 8601 text. */
  readonly modified?: Date | number | string | undefined
  /** Makes it a symbolic link, and says where to. */
  readonly link?: string | undefined
}
