/** What a control API says of its server, or of a lane of it. */
export interface ServerInfo {
  readonly name: 'ftp-fixture'
  readonly version: string
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly url: string
  readonly ca?: string
  readonly root: string
  readonly scenario?: string
  readonly now: number
  /** The thread it runs in, as `threadName()` calls it there. */
  readonly thread: string
  readonly lane?: string
}
