import { texts } from './catalogue.ts'
import { number, UsageError } from './command.ts'

const defaultPort = 8787

/** The port of `--port`, or of the variable PORT, or the usual one. */
export function portOf(flag: string | undefined): number {
  const bounds = { min: 0, max: 65_535, whole: true }
  if (flag !== undefined) return number('port', flag, bounds) ?? defaultPort
  const { PORT } = process.env
  if (PORT === undefined || PORT === '') return defaultPort
  const port = Number(PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError(texts().usage.port(PORT))
  return port
}
