import { spawn } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Runs a program in a process of its own: its orders as JSON in, its report as JSON out.
 * @throws Error where it breaks.
 */
export async function runProgram<Report>(program: URL, orders: unknown): Promise<Report> {
  const child = spawn(process.execPath, [fileURLToPath(program)], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(orders))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`${basename(program.pathname)} ended with ${code}`)
  return JSON.parse(text) as Report
}
