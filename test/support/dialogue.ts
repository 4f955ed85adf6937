import { RawClient } from './raw-client.ts'

/**
 * Plays a dialogue in the format of `transcript.toString()`: `C:` lines are sent, `S:` lines are awaited, `#` lines are
 * passed over. A final line (`S: 250` or `S: 250 text`) stands for the next whole reply: its code, and how its text
 * begins. A line `S: 250-text` or one that starts with a space is one line of a reply.
 */
export async function dialogue(
  server: { readonly host: string; readonly port: number },
  script: string,
): Promise<void> {
  await using client = await RawClient.connect(server)
  for (const [number, raw] of script.split('\n').entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const said = line.slice(3)
    if (line.startsWith('C: ')) client.send(said)
    else if (line.startsWith('S: ')) await awaitLine(client, said, number + 1)
    else throw new Error(`line ${number + 1}: expected "C: ", "S: " or "#", found: ${line}`)
  }
}

async function awaitLine(client: RawClient, wanted: string, number: number): Promise<void> {
  const inner = !/^\d{3}( |$)/.test(wanted)
  // Ports differ from run to run.
  const prefix = /^22[79]/.test(wanted) ? wanted.slice(0, 4) : wanted
  for (;;) {
    const line = await client.line()
    if (line === undefined)
      throw new Error(`line ${number}: expected "${wanted}", but the server closed the connection`)
    if (line.startsWith(prefix) && (inner || /^\d{3} /.test(line))) return
    if (inner || /^\d{3} /.test(line)) throw new Error(`line ${number}: expected "${wanted}", found "${line}"`)
  }
}
