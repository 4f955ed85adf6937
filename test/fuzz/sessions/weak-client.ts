import { connect, type Socket } from 'node:net'
import type { FtpFixture } from '../../../src/index.ts'
import { ClientPort, portArgument } from './client-port.ts'
import { bytesOf, type Command } from './command.ts'
import type { Script } from './commands.ts'
import { DataEnd, turn } from './data-plan.ts'

/** Turns of the event loop without news from which on the client waits no more. */
const PATIENCE_TURNS = 20
/** What passes of the server's time in each. */
const TICK = '200ms'

/** A client that says what it has to say whatever it is told: for servers that misbehave. */
export class WeakClient {
  readonly #ftp: FtpFixture
  readonly #socket: Socket
  readonly #ends: DataEnd[] = []
  readonly #ports: ClientPort[] = []
  readonly #plans: Command[] = []
  #count = 0
  #text = ''

  constructor(ftp: FtpFixture) {
    this.#ftp = ftp
    this.#socket = connect({ host: ftp.host, port: ftp.port, noDelay: true, allowHalfOpen: true })
    this.#socket.on('error', () => {}).on('end', () => this.#socket.end())
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes))
  }

  /** Says all of it and goes. */
  async play({ flights, leaves }: Script): Promise<void> {
    await this.#quiet()
    for (const { commands, then } of flights) {
      for (const each of commands) await this.#say(each)
      if (then !== 'go on') await this.#quiet()
      if (then === 'abort') this.#socket.write('ABOR\r\n')
    }
    if (leaves === 'quit') this.#socket.write('QUIT\r\n')
    if (leaves === 'half') this.#socket.end()
    if (leaves !== 'fin' && leaves !== 'rst') await this.#quiet()
    if (leaves === 'rst') this.#socket.resetAndDestroy()
    this.#socket.destroy()
    for (const end of this.#ends) end.close()
    for (const port of this.#ports) port.close()
  }

  async #say(each: Command): Promise<void> {
    if (this.#socket.destroyed) return
    if (each.port === undefined) {
      if (each.plan) this.#plans.push(each)
      this.#socket.write(bytesOf(each))
      return
    }
    if (each.port === 'closed') {
      this.#socket.write(bytesOf(each, portArgument(each.verb, '127.0.0.1', this.#socket.localPort ?? 1)))
      return
    }
    const port = await ClientPort.open('127.0.0.1')
    this.#ports.push(port)
    if (each.plan) this.#ends.push(new DataEnd(each.plan, () => port.arrived))
    this.#socket.write(bytesOf(each, port.argument(each.verb)))
  }

  /** Whatever looks like the address of a passive port is taken for one; any 1yz lets all go on. */
  #take(bytes: Buffer): void {
    this.#count += bytes.length
    this.#text = (this.#text + bytes.toString('latin1')).slice(-500)
    for (const [, high, low, extended] of this.#text.matchAll(/227 .*?(?:\d+,){4}(\d+),(\d+)|229 .*\|\|\|(\d+)\|/g)) {
      const plan = this.#plans.shift()?.plan
      const port = extended === undefined ? Number(high) * 256 + Number(low) : Number(extended)
      if (plan && port > 0 && port < 65_536) this.#ends.push(DataEnd.toPort(plan, '127.0.0.1', port))
    }
    if (/^1\d\d/m.test(this.#text)) for (const end of this.#ends) end.proceed()
    this.#text = this.#text.slice(this.#text.lastIndexOf('\n') + 1)
  }

  /** Lets time pass until nothing comes any more. */
  async #quiet(): Promise<void> {
    let before = -1
    for (let turns = 0; turns < PATIENCE_TURNS && !this.#socket.destroyed; turns++) {
      await turn(1)
      await this.#ftp.clock.advance(TICK)
      if (this.#count !== before) turns = 0
      before = this.#count
    }
  }
}
