import type { WireReply } from '../../support/raw-client.ts'
import type { SessionModel } from './model.ts'

/** Fails unless a reply has a path in quotes. */
export function expectPath({ text }: WireReply, path: string): void {
  const quoted = `257 "${path.replaceAll('"', '""')}" `
  if (!text.startsWith(quoted)) throw new Error(`expected ${quoted}, got: ${text}`)
}

/** Fails unless STAT has a line for each name, in their order. */
export function expectStatus({ lines, text }: WireReply, names: readonly string[]): void {
  const listed = lines.slice(1, -1)
  const isRight = listed.length === names.length && names.every((name, index) => listed[index]?.endsWith(` ${name}`))
  if (!isRight) throw new Error(`expected ${JSON.stringify(names)}, got: ${text}`)
}

/** Fails unless MLST says what the model knows. */
export function expectFacts({ lines, text }: WireReply, model: SessionModel, path: string): void {
  const [, line = ''] = lines
  if (lines.length !== 3 || !line.startsWith(' ') || !line.endsWith(` ${path}`))
    throw new Error(`MLST ${path}: ${text}`)
  expectFactLine(line.slice(1), model, path)
}

/** Fails unless a line of facts agrees with the model, in what has been selected. */
export function expectFactLine(line: string, { files, facts, transfer }: SessionModel, path: string): void {
  const found = files.find(path)
  const said = new Map(
    line
      .split(/; /)[0]
      ?.split(';')
      .map((fact) => fact.split('=') as [string, string]),
  )
  const fail = (fact: string) => {
    throw new Error(`${fact} of ${path} is wrong: ${line}`)
  }
  if (facts.includes('type;') && said.get('type') !== (found?.kind === 'file' ? 'file' : 'dir')) fail('type')
  if (found?.kind !== 'file' || transfer?.file === found) return
  if (facts.includes('size;') && said.get('size') !== String(found.content.length)) fail('size')
}
