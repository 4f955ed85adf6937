/** Any text, with the known ones for editors to complete. */
export type Suggested<Known extends string> = Known | (string & {})
