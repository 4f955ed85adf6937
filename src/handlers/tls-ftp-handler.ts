import { securityCommands } from '../commands/security.ts'
import type { CommandTable } from '../commands/table.ts'
import { invalidOption, isClass } from '../options/check.ts'
import { type FinalReply, reply } from '../protocol/reply.ts'
import type { FTPServer } from '../servers/ftp-server.ts'
import type { DTPHandlerClass, OptionChanges, ResolvedServerOptions } from '../servers/options.ts'
import { FTPHandler } from './ftp-handler.ts'
import { TlsContext } from './tls-context.ts'
import { TLS_DTPHandler } from './tls-dtp-handler.ts'
import { rejectBesideContext, tlsChecks } from './tls-options.ts'
import { shakeHands } from './tls-socket.ts'

/** How long a client that is turned away may take for its handshake: it counts towards no limit. */
const REFUSAL_LIMIT_MS = 2000

/** A control connection that clients may encrypt: FTPS by AUTH (RFC 4217), or from the start with `implicitTls`. */
export class TLS_FTPHandler extends FTPHandler {
  static override readonly commands: CommandTable = { ...FTPHandler.commands, ...securityCommands }

  static override readonly dtpHandler: DTPHandlerClass = TLS_DTPHandler

  /** Throws for a certificate that is missing or will not do, and for data connections that could not be encrypted. */
  static override prepare(server: FTPServer, options: ResolvedServerOptions, changes?: OptionChanges): void {
    rejectBesideContext(options)
    const { dtpHandler } = server
    if (!isClass(dtpHandler, TLS_DTPHandler)) {
      throw invalidOption('dtpHandler', dtpHandler, 'a class that extends TLS_DTPHandler, as the handler speaks TLS')
    }
    server.tls ??= new TlsContext()
    const isConcerned = changes === undefined || Object.keys(changes).some((name) => name in tlsChecks)
    if (isConcerned) server.tls.prepare(options)
  }

  override handle(): void {
    this.begin(() => this.#begin(() => this.greet(), this.#handshakeLimitMs))
  }

  override handleMaxCons(): void {
    this.#begin(() => super.handleMaxCons(), this.#refusalLimitMs)
  }

  override handleMaxConsPerIp(): void {
    this.#begin(() => super.handleMaxConsPerIp(), this.#refusalLimitMs)
  }

  /** Encrypts the control connection from here on; resolves once that is done, or has failed and closed the connection. */
  override secureControl(): Promise<void> {
    return this.#secure(this.#handshakeLimitMs)
  }

  override protectionMissing(connection: 'control' | 'data'): FinalReply | undefined {
    const { tlsControlRequired, tlsDataRequired } = this.server.options
    if (connection === 'control') {
      if (!tlsControlRequired || this.isSecure) return undefined
      return reply(550, 'SSL/TLS required on the control channel.')
    }
    if (!tlsDataRequired || this.session.protection === 'P') return undefined
    return reply(550, 'SSL/TLS required on the data channel.')
  }

  get #handshakeLimitMs(): number {
    return this.server.options.tlsHandshakeTimeout
  }

  get #refusalLimitMs(): number {
    return Math.min(this.#handshakeLimitMs || REFUSAL_LIMIT_MS, REFUSAL_LIMIT_MS)
  }

  #begin(speak: () => void, limitMs: number): void {
    if (!this.server.options.implicitTls) return speak()
    void this.#secure(limitMs).then(() => {
      if (this.isSecure) speak()
    })
  }

  #secure(limitMs: number): Promise<void> {
    const { seams } = this.session
    return this.connection.secure((socket) => shakeHands(socket, this, 'control', seams), limitMs)
  }
}
