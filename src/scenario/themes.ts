/** What the built-in scenarios are about, in the order to show them in. */
export const THEMES = [
  'control connection',
  'login',
  'replies',
  'NAT',
  'data connection',
  'downloads',
  'resume',
  'uploads',
  'timeouts',
  'listings',
  'sizes and times',
  'limits',
  'TLS',
] as const
