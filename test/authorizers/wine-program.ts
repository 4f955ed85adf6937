import { connect } from 'node:net'
import { userInfo } from 'node:os'
import koffi from 'koffi'
import {
  FTPHandler,
  FTPServer,
  loadWindowsSystem,
  WindowsAuthorizer,
  type WindowsSystem,
  type WindowsToken,
} from '../../src/server.ts'

// What windows-wine.test.ts runs in wine: it tells the test what Windows' calls gave, and serves until the test has had
// enough. Written for wine's LogonUserW, which takes any password and gives a token that nothing can be done with.

const advapi32 = koffi.load('advapi32.dll')
const kernel32 = koffi.load('kernel32.dll')
const currentProcess = kernel32.func('void * __stdcall GetCurrentProcess()')
const currentThread = kernel32.func('void * __stdcall GetCurrentThread()')
const openProcessToken = advapi32.func('int __stdcall OpenProcessToken(void *, uint32, _Out_ void **)')
const openThreadToken = advapi32.func('int __stdcall OpenThreadToken(void *, uint32, int, _Out_ void **)')
const TOKEN_DUPLICATE_AND_QUERY = 10
const TOKEN_QUERY = 8

const system = await loadWindowsSystem()
const username = userInfo().username
const account = system.account(username)
if (account === undefined) throw new Error(`no account for '${username}'`)

/** A token of the process itself, for want of a true one of LogonUserW. */
function ownToken(): WindowsToken {
  const token = [0n]
  if (!openProcessToken(currentProcess(), TOKEN_DUPLICATE_AND_QUERY, token)) throw new Error('OpenProcessToken failed')
  return token[0] ?? 0n
}

function isImpersonating(): boolean {
  const token = [0n]
  if (!openThreadToken(currentThread(), TOKEN_QUERY, 1, token)) return false
  system.close(token[0] ?? 0n)
  return true
}

function refusal(action: () => unknown): string {
  try {
    return `none: ${action()}`
  } catch (error) {
    return String(error)
  }
}

function impersonation(): Record<string, unknown> {
  const token = ownToken()
  const before = isImpersonating()
  system.impersonate(token)
  const during = isImpersonating()
  system.close(token)
  const closed = isImpersonating()
  system.revert()
  return { before, during, closed, after: isImpersonating(), again: refusal(() => system.impersonate(token)) }
}

/** Whether the thread acted as the user, of each impersonation that a server began. */
const impersonated: boolean[] = []
const withOwnTokens: WindowsSystem = {
  ...system,
  logon: ownToken,
  impersonate(token) {
    system.impersonate(token)
    impersonated.push(isImpersonating())
  },
}

async function serve(authorizer: WindowsAuthorizer): Promise<number> {
  const server = await new FTPServer({ port: 0 }, FTPHandler, { authorizer }).listen()
  return server.address.port
}

const report = {
  account,
  sameAccount: system.account(`.\\${username}`),
  noUsers: ['Everyone', 'SYSTEM', 'nobody-such', '', `${username}\0`].map((name) => system.account(name)),
  profile: system.profileDirectory(account),
  noProfile: system.profileDirectory({ ...account, sid: 'S-1-5-21-1-2-3-4' }),
  impersonation: impersonation(),
  passwordWithNul: refusal(() => system.logon(account, 'x\0')),
  badHandle: refusal(() => system.close(0x1234n)),
  ports: {
    ownTokens: await serve(new WindowsAuthorizer(withOwnTokens)),
    wineTokens: await serve(await WindowsAuthorizer.create({ allowedUsers: [username] })),
  },
}
const test = connect({ port: Number(process.argv[2]), host: '127.0.0.1', allowHalfOpen: true })
test.write(`${JSON.stringify(report, (_, value) => value ?? null)}\n`)
test.resume().on('end', () => {
  test.end(`${JSON.stringify({ impersonated, after: isImpersonating() })}\n`, () => process.exit())
})
