// Very many clients in a process of their own, made of sockets and nothing else: what they weigh is not the server's.
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** As many connect or begin a transfer at a time: no more than may wait to be accepted. */
const AT_ONCE = 200
const HALF = Buffer.alloc(64 * 1024, 'u')

class Client {
  errors = []
  received = 0
  #text = ''
  #wake = () => {}

  async open(port, tls) {
    this.tls = tls
    this.plain = connect({ port, host: '127.0.0.1' })
    this.#attend(this.plain)
    await this.reply(220)
    if (tls) {
      await this.command('AUTH TLS', 234)
      this.plain.removeAllListeners('data')
      this.#attend(connectTls({ socket: this.plain, rejectUnauthorized: false }))
    }
    await this.command('USER user', 331)
    await this.command('PASS 12345', 230)
    await this.command('TYPE I', 200)
    if (!tls) return
    await this.command('PBSZ 0', 200)
    await this.command('PROT P', 200)
  }

  /** Opens a data connection, has the server begin to send or receive, and leaves it amid that. */
  async begin(verb, path) {
    const port = Number(/\|(\d+)\|/.exec(await this.command('EPSV', 229))?.[1])
    this.data = connect({ port, host: '127.0.0.1' })
    this.data.on('error', (error) => this.errors.push(`data: ${error.message}`))
    await once(this.data, 'connect')
    this.verb = verb
    const begun = this.command(`${verb} ${path}`, 150, 125)
    if (this.tls) {
      this.data = connectTls({ socket: this.data, rejectUnauthorized: false })
      this.data.on('error', (error) => this.errors.push(`data: ${error.message}`))
      await once(this.data, 'secureConnect')
    }
    await begun
    if (verb === 'STOR') await new Promise((resolve) => this.data.write(HALF, resolve))
  }

  async finish() {
    const done = this.reply(226)
    if (this.verb === 'STOR') this.data.end(HALF)
    else {
      this.data.on('data', (bytes) => {
        this.received += bytes.length
      })
      await once(this.data, 'end')
    }
    await done
    this.data.destroy()
  }

  command(line, ...codes) {
    this.socket.write(`${line}\r\n`)
    return this.reply(...codes)
  }

  /** The next reply, of one line each here. */
  async reply(...codes) {
    while (!this.#text.includes('\r\n')) {
      if (this.socket.destroyed) throw new Error(`closed while ${codes} was awaited`)
      await new Promise((resolve) => {
        this.#wake = resolve
      })
    }
    const end = this.#text.indexOf('\r\n')
    const line = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 2)
    if (!codes.includes(Number(line.slice(0, 3)))) throw new Error(`${codes} awaited, got: ${line}`)
    return line
  }

  #attend(socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.#text += bytes
      this.#wake()
    })
    socket.on('error', (error) => this.errors.push(error.message))
    socket.on('close', () => this.#wake())
  }
}

const clients = []

/** Has each do something, so many at a time; answers with what went wrong. */
async function each(some, action) {
  const waiting = some[Symbol.iterator]()
  const work = async () => {
    for (const client of waiting) {
      await action(client).catch((error) => client.errors.push(error.message))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return clients.flatMap(({ errors }) => errors.splice(0))
}

const asked = {
  /** So many more log in, and stay. */
  open: ({ port, count, tls }) => {
    const made = Array.from({ length: count }, () => new Client())
    clients.push(...made)
    return each(made, (client) => client.open(port, tls))
  },
  command: ({ line, code }) => each(clients, (client) => client.command(line, code)),
  begin: ({ some, verb, path }) =>
    each(chosen(some), (client) => client.begin(verb, verb === 'STOR' ? `${path}-${clients.indexOf(client)}` : path)),
  finish: ({ some }) => each(chosen(some), (client) => client.finish()),
  /** How many bytes have come, by client. */
  received: ({ some }) => chosen(some).map(({ received }) => received),
}

const chosen = (some) => some.flatMap(({ from, count }) => clients.slice(from, from + count))

process.on('message', async ([name, options]) => process.send({ answer: await asked[name](options) }))
process.on('disconnect', () => process.exit())
process.send({ answer: 'ready' })
