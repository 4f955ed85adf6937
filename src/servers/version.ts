/** The version of the package, as the greeting and `--version` say it; a test compares it with package.json. */
export const version = '0.1.0'
