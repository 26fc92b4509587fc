/** Times cross HTTP in seconds since 1970; here they are milliseconds. */
export const seconds = (ms = Date.now()): number => Math.floor(ms / 1000)
