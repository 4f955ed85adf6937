import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Node cannot send urgent data; Python can. */
const SCRIPT = `
import socket, sys
control = socket.create_connection((sys.argv[1], int(sys.argv[2])))
replies = control.makefile('r', encoding='latin1', newline='')
for step in sys.stdin:
    kind, _, data = step.rstrip('\\n').partition(' ')
    if kind == 'reply':
        line = replies.readline()
        code = line[:3]
        while line and not line.startswith(code + ' '):
            line = replies.readline()
        print(code or 'end', flush=True)
    else:
        control.send(bytes.fromhex(data), socket.MSG_OOB if kind == 'urgent' else 0)
        print('sent', flush=True)
`

/** A control connection that can send urgent (out-of-band) bytes. */
export class UrgentClient {
  readonly #process: ReturnType<typeof start>
  readonly #answers: AsyncIterator<string>

  private constructor(host: string, port: number) {
    this.#process = start(host, port)
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]()
  }

  /** Connects and logs in. */
  static async login({ host, port }: { readonly host: string; readonly port: number }): Promise<UrgentClient> {
    const client = new UrgentClient(host, port)
    await client.code()
    for (const line of ['USER user', 'PASS 12345', 'TYPE I']) {
      await client.send(`${line}\r\n`)
      await client.code()
    }
    return client
  }

  /** Sends bytes, given in latin1. */
  async send(bytes: string): Promise<void> {
    await this.#step(`send ${hex(bytes)}`)
  }

  /** Sends bytes as urgent data, of which TCP takes only the last one for urgent. */
  async sendUrgent(bytes: string): Promise<void> {
    await this.#step(`urgent ${hex(bytes)}`)
  }

  /** The code of the next reply, or `end`. */
  code(): Promise<string> {
    return this.#step('reply')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end()
    await once(this.#process, 'close')
  }

  async #step(step: string): Promise<string> {
    this.#process.stdin.write(`${step}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('python3 ended early')
    return value
  }
}

function start(host: string, port: number) {
  return spawn('python3', ['-c', SCRIPT, host, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
}

function hex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex')
}
