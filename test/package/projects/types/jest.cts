import 'ftp-fixture/jest'
import { expect } from '@jest/globals'

import type environment = require('ftp-fixture/jest/environment')
import setup = require('ftp-fixture/jest/global-setup')
import teardown = require('ftp-fixture/jest/global-teardown')

expect(ftp).toHaveReceived('RETR', 'a.txt')
expect(ftp).not.toHaveReceivedInOrder(['RETR'])
export const found: Promise<void> = expect(ftp).toHaveFile('a.txt', 'a')
// @ts-expect-error -- a verb is text
expect(ftp).toHaveReceived(5)
export const functions: readonly ((...args: never[]) => Promise<void>)[] = [setup.default, teardown.default]
export type Environment = environment.default
