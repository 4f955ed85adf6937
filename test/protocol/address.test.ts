import { describe, expect, test } from 'vitest'
import {
  formatExtendedPassive,
  formatHostPort,
  formatPassive,
  networkProtocolOf,
  parseExtendedPort,
  parsePort,
  sameAddress,
  unmapAddress,
} from '../../src/protocol/address.ts'

describe('PORT', () => {
  test.each([
    ['127,0,0,1,4,1', '127.0.0.1', 1025],
    ['132,235,1,2,24,131', '132.235.1.2', 6275],
    ['0,0,0,0,0,0', '0.0.0.0', 0],
    ['255,255,255,255,255,255', '255.255.255.255', 65_535],
    ['127,000,00,001,010,9', '127.0.0.1', 2569],
  ])('%s is %s port %d', (argument, host, port) => {
    expect(parsePort(argument)).toEqual({ host, port })
  })

  test.each([
    '',
    ',',
    ',,,,,',
    '127,0,0,1,4',
    '127,0,0,1,4,1,',
    ',127,0,0,1,4,1',
    '127,0,0,1,4,1,1',
    '127,0,0,,4,1',
    '256,0,0,1,4,1',
    '127,0,0,1,256,1',
    '127,0,0,1,4,256',
    '127,0,0,1,4,999999999999999999999',
    '127,0,0,1,4,0001',
    '-1,0,0,1,4,1',
    '+127,0,0,1,4,1',
    '127,0,0,1,4,1.0',
    '127,0,0,1,4,1e0',
    '127,0,0,1,0x4,1',
    '127, 0, 0, 1, 4, 1',
    ' 127,0,0,1,4,1',
    '127,0,0,1,4,1 ',
    '127,0,0,1,4,1\0',
    '(127,0,0,1,4,1)',
    '127.0.0.1,4,1',
    '127;0;0;1;4;1',
    'a,b,c,d,e,f',
    '١,0,0,1,4,1',
    '::1,4,1',
    '|1|127.0.0.1|1025|',
  ])('%j is malformed', (argument) => {
    expect(parsePort(argument)).toBeUndefined()
  })
})

describe('EPRT', () => {
  test.each([
    ['|1|132.235.1.2|6275|', 1, '132.235.1.2', 6275],
    ['|2|1080::8:800:200C:417A|5282|', 2, '1080::8:800:200C:417A', 5282],
    ['|2|::1|65535|', 2, '::1', 65_535],
    ['|1|127.0.0.1|0|', 1, '127.0.0.1', 0],
    ['|1|127.0.0.1|00021|', 1, '127.0.0.1', 21],
    ['|2|::ffff:127.0.0.1|1025|', 2, '::ffff:127.0.0.1', 1025],
  ] as const)('%s is protocol %d, %s port %d', (argument, networkProtocol, host, port) => {
    expect(parseExtendedPort(argument)).toEqual({ networkProtocol, host, port })
  })

  test('takes any printable delimiter that the fields do not contain', () => {
    for (let code = 33; code <= 126; code++) {
      const d = String.fromCharCode(code)
      if ('127.0.0.1 6275'.includes(d)) continue
      expect(parseExtendedPort(`${d}1${d}127.0.0.1${d}6275${d}`), d).toEqual({
        networkProtocol: 1,
        host: '127.0.0.1',
        port: 6275,
      })
    }
  })

  test('takes no delimiter that is not printable ASCII', () => {
    for (const d of [' ', '\t', '\0', '\x1f', '\x7f', '\x80', '\xa6', '‖', '😀']) {
      expect(parseExtendedPort(`${d}1${d}127.0.0.1${d}6275${d}`), JSON.stringify(d)).toBe('malformed')
    }
  })

  test.each([
    '',
    '|',
    '||',
    '||||',
    '|||||',
    '|1|127.0.0.1|6275',
    '1|127.0.0.1|6275|',
    '|1|127.0.0.1|',
    '|1|127.0.0.1|6275||',
    '|1|127.0.0.1|6275|x',
    '|1|127.0.0.1|6275| ',
    ' |1|127.0.0.1|6275|',
    '||127.0.0.1|6275|',
    '|x|127.0.0.1|6275|',
    '|1x|127.0.0.1|6275|',
    '|-1|127.0.0.1|6275|',
    '| 1|127.0.0.1|6275|',
    '|1||6275|',
    '|1|127.0.0.1||',
    '|1|127.0.0.1|65536|',
    '|1|127.0.0.1|99999999999999999999|',
    '|1|127.0.0.1|000000|',
    '|1|127.0.0.1|-1|',
    '|1|127.0.0.1|1e3|',
    '|1|127.0.0.1|0x50|',
    '|1|127.0.0.1| 6275|',
    '|1|127.0.0.1|6275.0|',
    '|1|::1|6275|',
    '|2|127.0.0.1|6275|',
    '|1|localhost|6275|',
    '|1|127.0.0.256|6275|',
    '|1|127.0.1|6275|',
    '|1|127.0.0.1.|6275|',
    '|1|0x7f.0.0.1|6275|',
    '|1|2130706433|6275|',
    '|2|::1%lo|6275|',
    '|2|fe80::1%eth0|6275|',
    '|2|[::1]|6275|',
    '|2|:::1|6275|',
    '|2|1:2:3:4:5:6:7:8:9|6275|',
    '.1.127.0.0.1.6275.',
    ':2:::1:6275:',
    '127,0,0,1,4,1',
  ])('%j is malformed', (argument) => {
    expect(parseExtendedPort(argument)).toBe('malformed')
  })

  test.each(['|0|127.0.0.1|6275|', '|3|127.0.0.1|6275|', '|01|127.0.0.1|6275|', '|99999999999999999999|x|6275|'])(
    '%j is of an unknown protocol',
    (argument) => {
      expect(parseExtendedPort(argument)).toBe('unknown protocol')
    },
  )
})

describe('passive replies', () => {
  test.each([
    ['127.0.0.1', 1025, 'Entering passive mode (127,0,0,1,4,1).'],
    ['10.0.0.255', 65_535, 'Entering passive mode (10,0,0,255,255,255).'],
    ['10.0.0.1', 255, 'Entering passive mode (10,0,0,1,0,255).'],
  ])('%s port %d', (host, port, text) => {
    expect(formatPassive({ host, port })).toBe(text)
  })

  test('227 carries what PORT takes, at every port', () => {
    for (let port = 0; port <= 65_535; port++) {
      const numbers = /\(([\d,]+)\)/.exec(formatPassive({ host: '192.168.2.1', port }))?.[1] ?? ''
      const back = parsePort(numbers)
      if (back?.host !== '192.168.2.1' || back.port !== port) expect.fail(`port ${port} came back as ${numbers}`)
    }
  })

  test('229 carries a port and no address', () => {
    expect(formatExtendedPassive(6446)).toBe('Entering extended passive mode (|||6446|).')
  })
})

describe('addresses', () => {
  test.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '::'],
    ['::ffff:1', '::ffff:1'],
    ['::ffff:127.0.0.256', '::ffff:127.0.0.256'],
    ['fe80::ffff:127.0.0.1', 'fe80::ffff:127.0.0.1'],
    ['', ''],
  ])('%j without its mapping is %j', (address, plain) => {
    expect(unmapAddress(address)).toBe(plain)
  })

  test.each([
    ['127.0.0.1', 1],
    ['::ffff:127.0.0.1', 1],
    ['::1', 2],
    ['fe80::1%eth0', 2],
    ['::', 2],
  ])('%s is of protocol %d', (address, protocol) => {
    expect(networkProtocolOf(address)).toBe(protocol)
  })

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['::FFFF:127.0.0.1', '::ffff:127.0.0.1'],
    ['127.0.0.1', '::ffff:7f00:1'],
    ['127.0.0.1', '0:0:0:0:0:ffff:127.0.0.1'],
    ['10.200.0.255', '::ffff:ac8:ff'],
    ['10.200.0.255', '::ffff:0ac8:00ff'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::1', '0000::0001'],
    ['2001:db8::1', '2001:DB8:0:0::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '0::0'],
  ])('%s and %s are the same', (one, other) => {
    expect(sameAddress(one, other)).toBe(true)
    expect(sameAddress(other, one)).toBe(true)
  })

  test.each([
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '::1'],
    ['127.0.0.1', '::127.0.0.1'],
    ['127.0.0.1', 'fe80::ffff:127.0.0.1'],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.2'],
    ['::1', '::2'],
    ['fe80::1%eth0', 'fe80::1%eth1'],
    ['', '127.0.0.1'],
    ['', '::'],
    ['::1%lo', '::1x'],
    ['1:2', '1:02'],
  ])('%j and %j are not', (one, other) => {
    expect(sameAddress(one, other)).toBe(false)
    expect(sameAddress(other, one)).toBe(false)
  })
})

test('for people, an IPv6 address stands in brackets', () => {
  expect(formatHostPort('127.0.0.1', 21)).toBe('127.0.0.1:21')
  expect(formatHostPort('localhost', 21)).toBe('localhost:21')
  expect(formatHostPort('::1', 21)).toBe('[::1]:21')
})
