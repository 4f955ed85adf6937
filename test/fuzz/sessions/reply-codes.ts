/** What a command may be answered with: by the RFCs, and beyond them. */
interface Codes {
  /** RFC 959 §5.4, and for younger commands the RFC that made them. */
  readonly official: readonly number[]
  /** RFC 1123 §4.1.2.11 lets a server use others where they say more: what every server in use says. */
  readonly also?: readonly number[]
}

/** RFC 959 §5.4: these four stand behind almost every command. */
const COMMON = [500, 501, 502, 421]
const NO_FILE = [550]
const STORING = [125, 150, 226, 250, 425, 426, 451, 551, 552, 532, 450, 452, 553, 500, 501, 421, 530]
const LISTING = [125, 150, 226, 250, 425, 426, 451, 450, 500, 501, 502, 421, 530]
const SECURED = [521, 522, 533, 534]
const CHANGING = { official: [250, ...COMMON, 530, 550] }
const PRINTING = { official: [257, ...COMMON, 550], also: [530] }
const MAKING = { official: [257, ...COMMON, 530, 550] }
const SETTING = { official: [200, 500, 501, 504, 421, 530] }

/** By command. A verb that is not here is unknown. */
const CODES: Readonly<Record<string, Codes>> = {
  USER: { official: [230, 530, 500, 501, 421, 331, 332] },
  PASS: { official: [230, 202, 530, 500, 501, 503, 421, 332] },
  ACCT: { official: [230, 202, 530, 500, 501, 503, 421] },
  // 230 in place of 220 is what pyftpdlib says; a REIN of nobody is 530 there too.
  REIN: { official: [120, 220, 421, 500, 502], also: [230, 501, 530] },
  QUIT: { official: [221, 500], also: [501] },
  CWD: CHANGING,
  XCWD: CHANGING,
  // RFC 959 §4.1.1: the codes of CWD, though §5.4 has 200.
  CDUP: CHANGING,
  XCUP: CHANGING,
  PWD: PRINTING,
  XPWD: PRINTING,
  MKD: MAKING,
  XMKD: MAKING,
  RMD: CHANGING,
  XRMD: CHANGING,
  DELE: { official: [250, 450, 550, ...COMMON, 530] },
  RNFR: { official: [450, 550, ...COMMON, 530, 350] },
  RNTO: { official: [250, 532, 553, ...COMMON, 503, 530], also: NO_FILE },
  LIST: { official: LISTING, also: [...NO_FILE, ...SECURED] },
  NLST: { official: LISTING, also: [...NO_FILE, ...SECURED] },
  RETR: { official: [...LISTING, 550], also: [554, ...SECURED] },
  STOR: { official: STORING, also: [...NO_FILE, 554, ...SECURED] },
  STOU: { official: STORING, also: [...NO_FILE, ...SECURED] },
  APPE: { official: [...STORING, 550, 502], also: SECURED },
  REST: { official: [...COMMON, 530, 350] },
  ABOR: { official: [225, 226, ...COMMON], also: [530] },
  STAT: { official: [211, 212, 213, 450, ...COMMON, 530], also: NO_FILE },
  HELP: { official: [211, 214, ...COMMON] },
  SYST: { official: [215, ...COMMON] },
  NOOP: { official: [200, 500, 421], also: [501] },
  TYPE: SETTING,
  STRU: SETTING,
  MODE: SETTING,
  ALLO: { official: [200, 202, 500, 501, 504, 421, 530] },
  'SITE HELP': { official: [200, 202, 211, 214, 500, 501, 502, 530] },
  'SITE CHMOD': { official: [200, 202, 500, 501, 530], also: NO_FILE },
  PORT: { official: [200, 500, 501, 421, 530], also: [425] },
  PASV: { official: [227, ...COMMON, 530], also: [425] },
  // RFC 2428 §2 and §3; what EPSV ALL is answered with it leaves open.
  EPRT: { official: [200, 522, 500, 501, 421, 530], also: [425] },
  EPSV: { official: [229, 522, ...COMMON, 530], also: [425, 220] },
  // RFC 1639.
  LPRT: { official: [200, 521, ...COMMON, 530] },
  LPSV: { official: [228, 521, ...COMMON, 530] },
  // RFC 2389 §3 and §4.
  FEAT: { official: [211, ...COMMON] },
  OPTS: { official: [200, 451, ...COMMON], also: [530] },
  // RFC 3659 §3, §4 and §7.2.
  SIZE: { official: [213, 550, ...COMMON], also: [530] },
  MDTM: { official: [213, 550, ...COMMON], also: [530] },
  MLST: { official: [250, 550, ...COMMON, 530] },
  MLSD: { official: [...LISTING, 550], also: SECURED },
  // draft-somers-ftp-mfxx §3.1.
  MFMT: { official: [213, 550, ...COMMON], also: [530] },
  // RFC 2228 §5, RFC 4217.
  AUTH: { official: [234, 334, 502, 504, 534, 431, 500, 501, 421], also: [503] },
  PBSZ: { official: [200, 503, 500, 501, 421, 530] },
  PROT: { official: [200, 504, 536, 503, 534, 431, 500, 501, 421, 530] },
}

/** What an unknown command is answered with: HOST (RFC 7151) and whatever else is not built. */
const UNKNOWN: Codes = { official: [500, 502] }

/** Whether a code belongs to a command, be it final or not. */
export function belongs(verb: string, code: number): boolean {
  const { official, also = [] } = CODES[verb] ?? UNKNOWN
  return official.includes(code) || also.includes(code)
}

/** Whether the table has the command. */
export function isListed(verb: string): boolean {
  return verb in CODES
}
