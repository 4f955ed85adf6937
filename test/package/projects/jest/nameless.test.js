/** @ftp scenario: disk-full */
test('never runs', () => {})
