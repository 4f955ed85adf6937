import { download, list, playAll, type Steps, say } from '../support/scenario-play.ts'

/** The whole text of a listing by LIST, as curl shows it. */
function rows(directory: string, ...curlOptions: readonly string[]): Steps {
  return {
    basicFtp: list(directory).basicFtp,
    curl: async (client) => String(await client.download(`${directory}/`, ...curlOptions)),
  }
}

// Where no clock is set to GMT.
process.env.TZ = 'America/New_York'

const MLSD = ['--request', 'MLSD']

playAll([
  { scenario: 'empty-directory-refused', does: list('/incoming'), basicFtp: /failed: 550/, curl: /\(19\)/ },
  {
    scenario: 'empty-directory-without-data',
    does: list('/incoming'),
    impatient: ['basicFtp'],
    basicFtp: /Timeout/,
    curl: /\(19\)/,
  },
  {
    scenario: 'dos-listing',
    does: rows('/pub'),
    basicFtp: 'docs file.bin',
    curl: /^01-31-24 {2}09:15AM {7}<DIR> {10}docs\n/,
    untouched: { curl: [0] },
  },
  {
    scenario: 'listing-names-escape',
    does: rows('/pub'),
    basicFtp: '',
    curl: /\.\.\/\.\.\/evil\.txt/,
    untouched: { basicFtp: [0], curl: [1] },
  },
  {
    scenario: 'listing-very-long',
    does: list('/pub'),
    basicFtp: /only supports MLSD, Unix- or DOS-style/,
    curl: /^.{10000}/s,
  },
  {
    scenario: 'mlsd-advertised-but-refused',
    does: rows('/pub', ...MLSD),
    basicFtp: 'file.bin hello.txt',
    curl: /\(19\)/,
    falls: ['curl'],
  },
  {
    scenario: 'mlsd-without-facts',
    does: rows('/pub', ...MLSD),
    basicFtp: 'file.bin hello.txt',
    curl: ' file.bin\n hello.txt\n',
  },
  { scenario: 'mlsd-odd-facts', does: rows('/pub', ...MLSD), basicFtp: 'file.bin docs', curl: /x\.colour=green/ },
  {
    scenario: 'list-option-refused',
    does: {
      basicFtp: async (client) => {
        client.client.availableListCommands = ['LIST -a', 'LIST']
        return list('/pub').basicFtp(client, undefined as never)
      },
      curl: rows('/pub', '--request', 'LIST -a').curl,
    },
    basicFtp: 'file.bin hello.txt',
    curl: /\(19\)/,
    falls: ['curl'],
  },
  {
    scenario: 'list-argument-with-space-refused',
    does: {
      basicFtp: list('/two words').basicFtp,
      curl: list('/two words').curl,
    },
    basicFtp: /failed: 501/,
    curl: 'hello.txt',
    untouched: { curl: [0] },
  },
  {
    scenario: 'mdtm-with-fraction',
    does: {
      basicFtp: async (client) => String((await client.client.lastMod('/pub/hello.txt')).getUTCMilliseconds()),
      curl: say('MDTM /pub/hello.txt').curl,
    },
    basicFtp: '250',
    curl: 'ok',
  },
  { scenario: 'mdtm-in-local-time', does: say('MDTM /pub/hello.txt'), basicFtp: '213 20240131070000', curl: 'ok' },
  { scenario: 'pwd-with-open-quote', does: say('PWD'), basicFtp: '257 "/', curl: 'ok' },
  {
    scenario: 'pwd-with-control-characters',
    does: {
      basicFtp: async (client) => {
        const directory = await client.client.pwd()
        return String(await client.client.cd(directory).catch(({ message }: Error) => message))
      },
      curl: download.curl,
    },
    basicFtp: /Can't parse/,
    curl: 'ok',
  },
  {
    scenario: 'mkd-answered-without-path',
    does: say('MKD /made', 'RMD /made', 'MKD /incoming'),
    basicFtp: /failed: 521/,
    curl: /\(21\)/,
  },
])
