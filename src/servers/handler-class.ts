import type { Socket } from 'node:net'
import { checkCommands } from '../commands/index.ts'
import { FTPHandler } from '../handlers/ftp-handler.ts'
import { invalidOption, isClass } from '../options/check.ts'
import type { FTPServer } from './ftp-server.ts'

/** A class of control connections. */
export type HandlerClass = new (socket: Socket, server: FTPServer, id: number) => FTPHandler

/** Whether something is a class of control connections, of this very build of the package. */
export function isHandlerClass(value: unknown): value is typeof FTPHandler {
  return isClass(value, FTPHandler)
}

/** The class with its static side; throws `FtpFixtureError` for what is none, or has commands that will not do. */
export function checkHandler(handler: unknown): typeof FTPHandler {
  if (!isHandlerClass(handler)) throw invalidOption('handler', handler, 'FTPHandler, or a class that extends it')
  checkCommands(handler.commands, 'handler.commands')
  return handler
}
