import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { isExecutable } from '../support/executable.ts'
import type { Places } from './places.ts'
import type { ServerSpec } from './server-spec.ts'

/** A peer that is on this machine, or why it cannot take part. */
export type Found = ServerSpec | { readonly name: string; readonly missing: string }

/** Where peers are looked for, and what they may do here. */
export interface Search {
  readonly peers: string
  readonly places: Places
  /** Whether servers for the machine's own accounts can be given one: see isolation.ts. */
  readonly hasAccount: boolean
}

/** What to do about a peer that is not there. */
export const INSTALL = 'not found: npm run bench -- --install'

/** A program in the directory that `--install` fills, or on the machine. */
export function findProgram(peers: string, name: string): string | undefined {
  const unpacked = ['usr/sbin', 'usr/bin'].map((directory) => path.join(peers, name, directory))
  const directories = [...unpacked, '/usr/sbin', ...(process.env.PATH ?? '').split(path.delimiter)]
  return directories.map((directory) => path.join(directory, name)).find(isExecutable)
}

/** Where the libraries lie that were unpacked with a peer, for the dynamic linker. */
export function libraries(directory: string): string {
  const roots = ['usr/lib', 'lib'].map((root) => path.join(directory, root)).filter((root) => existsSync(root))
  const inner = roots.flatMap((root) => readdirSync(root).map((name) => path.join(root, name)))
  return [...roots, ...inner.filter((name) => name.endsWith('-linux-gnu'))].join(':')
}

/** What a command says that matches; it may say so on any of its outputs, vsftpd even on its input. */
export function saying(command: string, args: readonly string[], pattern: RegExp, env: NodeJS.ProcessEnv = {}): string {
  const shell = ['-c', '"$@" 0>&1 2>&1', 'sh', command, ...args]
  const { stdout } = spawnSync('sh', shell, { encoding: 'utf8', env: { ...process.env, ...env } })
  return pattern.exec(stdout)?.[1] ?? 'unknown'
}
