import { type Koffi, loadKoffi } from '../native/koffi.ts'
import { AuthorizerError } from './errors.ts'
import { type WindowsAccount, WindowsError, type WindowsSystem, type WindowsToken } from './windows-system.ts'

/** Windows itself; throws `AuthorizerError` on another system, and where koffi is not installed. */
export async function loadWindowsSystem(): Promise<WindowsSystem> {
  if (process.platform !== 'win32') throw new AuthorizerError('WindowsAuthorizer needs Windows')
  const koffi = await loadKoffi()
  if (koffi === undefined) throw new AuthorizerError('WindowsAuthorizer needs the optional package koffi: install it')
  return windowsSystem(declare(koffi))
}

const LOGON32_LOGON_INTERACTIVE = 2
const LOGON32_PROVIDER_DEFAULT = 0
const ERROR_LOGON_FAILURE = 1326
const SID_TYPE_USER = 1
const MAX_SID_BYTES = 68
/** More than any name, domain or path of these calls has. */
const MAX_CHARACTERS = 1024
// Signed, as a handle of any width has it.
const HKEY_LOCAL_MACHINE = 0x80000002 | 0
const PROFILE_LIST = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList'
/** Takes nothing but a string; what stands for `%SystemDrive%` and the like is put in. */
const RRF_RT_REG_SZ = 2

type Calls = ReturnType<typeof declare>

function declare(koffi: Koffi) {
  const advapi32 = koffi.load('advapi32.dll')
  const kernel32 = koffi.load('kernel32.dll')
  const LOOKUP = 'void *, void *, void *, void *, void *'
  return {
    LookupAccountNameW: advapi32.func(`int __stdcall LookupAccountNameW(str16, str16, ${LOOKUP})`),
    LookupAccountSidW: advapi32.func(`int __stdcall LookupAccountSidW(str16, void *, ${LOOKUP})`),
    RegGetValueW: advapi32.func('int __stdcall RegGetValueW(intptr, str16, str16, uint32, void *, void *, void *)'),
    LogonUserW: advapi32.func('int __stdcall LogonUserW(str16, str16, str16, uint32, uint32, _Out_ void **)'),
    ImpersonateLoggedOnUser: advapi32.func('int __stdcall ImpersonateLoggedOnUser(void *)'),
    RevertToSelf: advapi32.func('int __stdcall RevertToSelf()'),
    CloseHandle: kernel32.func('int __stdcall CloseHandle(void *)'),
    GetLastError: kernel32.func('uint32 __stdcall GetLastError()'),
  }
}

function windowsSystem(calls: Calls): WindowsSystem {
  const check = (call: keyof Calls, result: number): void => {
    if (result === 0) throw new WindowsError(call, calls.GetLastError())
  }
  return {
    account: (username) => findAccount(calls, username),
    profileDirectory({ sid }) {
      const key = `${PROFILE_LIST}\\${sid}`
      const { bytes, read } = wideText()
      const size = Uint32Array.of(bytes.length)
      const status = calls.RegGetValueW(HKEY_LOCAL_MACHINE, key, 'ProfileImagePath', RRF_RT_REG_SZ, null, bytes, size)
      return status === 0 ? read() : undefined
    },
    logon({ name, domain }, password) {
      // Windows would read no further than to the NUL.
      if (password.includes('\0')) throw new WindowsError('LogonUserW', ERROR_LOGON_FAILURE)
      const token: WindowsToken[] = [0n]
      const kind = [LOGON32_LOGON_INTERACTIVE, LOGON32_PROVIDER_DEFAULT]
      check('LogonUserW', calls.LogonUserW(name, domain, password, ...kind, token))
      return token[0] ?? 0n
    },
    impersonate: (token) => check('ImpersonateLoggedOnUser', calls.ImpersonateLoggedOnUser(token)),
    revert: () => check('RevertToSelf', calls.RevertToSelf()),
    close: (token) => check('CloseHandle', calls.CloseHandle(token)),
  }
}

/** From any way to write the name to the identifier, and from there to the name that Windows itself writes. */
function findAccount(calls: Calls, username: string): WindowsAccount | undefined {
  if (username.includes('\0')) return undefined
  const sid = Buffer.alloc(MAX_SID_BYTES)
  const [name, domain, kind] = [wideText(), wideText(), new Uint32Array(1)]
  const length = () => Uint32Array.of(MAX_CHARACTERS)
  const size = Uint32Array.of(MAX_SID_BYTES)
  if (!calls.LookupAccountNameW(null, username, sid, size, domain.bytes, length(), kind)) return undefined
  if (!calls.LookupAccountSidW(null, sid, name.bytes, length(), domain.bytes, length(), kind)) return undefined
  return kind[0] === SID_TYPE_USER ? { sid: sidText(sid), name: name.read(), domain: domain.read() } : undefined
}

/** `S-1-5-21-...`: a revision, the authority in six bytes, and up to fifteen numbers below it. */
function sidText(sid: Buffer): string {
  const below = Array.from({ length: sid.readUInt8(1) }, (_, index) => sid.readUInt32LE(8 + index * 4))
  return ['S', sid.readUInt8(0), sid.readUIntBE(2, 6), ...below].join('-')
}

function wideText(): { readonly bytes: Buffer; read(): string } {
  const bytes = Buffer.alloc(MAX_CHARACTERS * 2)
  return { bytes, read: () => bytes.toString('utf16le').replace(/\0.*/s, '') }
}
