/** The configuration does not fit; the message names the field and what it allows. */
export class RunConfigError extends Error {
  override name = 'RunConfigError'
}
