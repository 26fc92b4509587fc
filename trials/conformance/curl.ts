import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Site } from './site.ts'

const run = promisify(execFile)

/** curl itself, as the README tells people to use it. */
export async function curl({ url }: Site, path: string, body?: object): Promise<{ status: number; body: string }> {
  const sent = body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
  const { stdout } = await run('curl', ['-sSN', '--max-time', '60', '-w', '\n%{http_code}', `${url}${path}`, ...sent])
  const cut = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) }
}
