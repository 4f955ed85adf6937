/** Tells of something about a test in what it prints, which reporters show. */
export function warnOf(test: string | undefined, message: string): void {
  console.warn(`FtpFixtureWarning: ${test === undefined ? '' : `${test}: `}${message}`)
}
