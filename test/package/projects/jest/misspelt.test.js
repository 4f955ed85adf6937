/** @ftp-scenaro slow-download */
test('never runs', () => {})
