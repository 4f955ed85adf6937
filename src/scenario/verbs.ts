import { editDistance } from '../options/check.ts'
import { knownCommands } from './needs.ts'

/** Verbs of the RFCs and of other servers: known, although this server has not all of them. */
const ELSEWHERE = [
  ...['ACCT', 'REIN', 'SMNT', 'MODE', 'ADAT', 'CCC', 'CONF', 'ENC', 'MIC', 'LANG', 'HOST', 'CLNT', 'CSID', 'AVBL'],
  ...['HASH', 'RANG', 'COMB', 'DSIZ', 'PRET', 'MFCT', 'MFF', 'MLFL', 'MAIL', 'MSND', 'MSOM', 'MSAM', 'MRSQ', 'MRCP'],
  ...['LPRT', 'LPSV', 'SPSV', 'ESTA', 'ESTP', 'THMB', 'XCRC', 'XMD5', 'XSHA', 'MD5', 'MMD5', 'XSHA1', 'XSHA256'],
  ...[
    'CPSV',
    'SSCN',
    'SITE',
    'UTIME',
    'CHMOD',
    'UMASK',
    'IDLE',
    'EXEC',
    'HELP',
    'WHO',
    'INDEX',
    'PSWD',
    'ZONE',
    'SYMLINK',
  ],
]

/**
 * The verb that another one was to be: one letter too many, too few or wrong, or two that have changed places. Anything
 * further off is a command that the server does not know, which a rule may well be about.
 */
export function misspelt(verb: string, own: readonly string[]): string | undefined {
  const all = [...Object.keys(knownCommands), ...own]
  const words = new Set([...all, ...all.flatMap((each) => each.split(' ')), ...ELSEWHERE])
  if (words.has(verb) || verb.startsWith('SITE ') || verb.length < 3) return undefined
  return all.find((each) => editDistance(verb, each) === 1)
}
