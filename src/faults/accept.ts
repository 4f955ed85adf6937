import { DataConnectionError } from '../handlers/error-reply.ts'
import { closedPort } from './closed-port.ts'
import { fault } from './fault.ts'
import { hangUp, leaveAlone } from './plain-sockets.ts'
import { duration } from './shapes.ts'

/**
 * The data connection is not what the reply to PASV or EPSV promises. In active mode, where it is the server that
 * connects, PORT and EPRT are answered first, and what is said here is done to the connection made then.
 */
export const accept = fault({
  name: 'accept',
  does: 'Refuses the data connection, takes it and stays silent, takes it and ends it, or takes it late.',
  needs: 'set-up',
  schema: (z) =>
    z.union([
      z.enum(['refused', 'never', 'rst', 'fin']),
      z.strictObject({ after: duration(z).meta({ description: 'How late it is taken.' }) }),
    ]),
  narrowed: (how) => (how === 'refused' ? 'passive' : 'set-up'),
  seams(how, exchange) {
    if (how === 'refused') {
      return {
        // Not its own port, closed: another server of the machine might get that, and the client with it.
        async listening() {
          const port = await closedPort(exchange.session.localAddress)
          exchange.note(`port ${port} is closed: the data connection will be refused`)
          return port
        },
      }
    }
    const after = Promise.resolve()
    if (how === 'never') {
      const ignore = () => exchange.note('data connection left alone')
      return { listening: (listener) => listener.ignore(ignore), connecting: () => ({ after, ignore }) }
    }
    return {
      connecting: () => ({ after }),
      async opened(plain) {
        if (how === 'fin' || how === 'rst') {
          exchange.note(`data connection ended by ${how.toUpperCase()} as soon as it was there`)
          await hangUp(plain, how, exchange)
          throw new DataConnectionError('The data connection was closed.')
        }
        exchange.note(`data connection left alone for ${how.after} ms`)
        await leaveAlone(plain, how.after, exchange)
      },
    }
  },
})
