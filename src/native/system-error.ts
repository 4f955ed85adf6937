import { getSystemErrorName } from 'node:util'

/** The error of a system call, of its error number, negated. */
export function systemError(syscall: string, errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall })
}
