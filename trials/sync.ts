/** A trace of the server's system calls: what was acknowledged was on the disk before the acknowledgement left. */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Figures } from '#trials/figures'
import { readTrace, type Step, unsynced } from './kept/trace.ts'

const program = fileURLToPath(new URL('./kept/server.ts', import.meta.url))
const calls = 'trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg,rename,renameat,renameat2'

/** `--rounds` (5) of each kind of write. Exits 1 under `--check` where a reply left before its sync. */
export async function main(args: string[]): Promise<void> {
  const options = {
    rounds: { type: 'string', default: '5' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures('npm run trials -- sync')
  const found = await traceWrites(Number(values.rounds))
  if (found === null) figures.note('not traced: strace is not here (Debian: apt-get install strace)')
  else {
    for (const line of found.faults) figures.note(line)
    figures.record('sync.replies', found.replies, 'acknowledged writes')
    figures.record('sync.before', found.faults.length, 'acknowledged before the disk had them', { op: '=', value: 0 })
  }
  figures.finish()
}

/** Null where strace is not installed or may not trace. */
export async function traceWrites(rounds: number): Promise<{ replies: number; faults: string[] } | null> {
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) return null
  const folder = mkdtempSync(join(tmpdir(), 'dotline-sync-'))
  try {
    const trace = join(folder, 'trace')
    // A WAL frame is 4,120 bytes; binary bytes are shown as four characters at most, text as it is.
    const options = ['-f', '--seccomp-bpf', '-y', '-s', '70000', '-e', calls, '-o', trace]
    const child = spawn('strace', [...options, process.execPath, program, join(folder, 'data')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = once(child, 'exit')
    const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exit])
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} before it listened`)
    const { url, pid } = JSON.parse(String(line)) as { url: string; pid: number }
    const marks = await writeThings(url, rounds)
    // strace takes no signals itself, and ends with what it traces.
    process.kill(pid, 'SIGTERM')
    await exit
    return judge(readTrace(readFileSync(trace, 'utf8')), marks)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Mark {
  what: string
  mark: string
}

/** One request after the other, so that each reply ends the steps of one. */
async function writeThings(url: string, rounds: number): Promise<Mark[]> {
  const marks: Mark[] = []
  for (let round = 0; round < rounds; round++)
    for (const [what, way] of Object.entries(ways)) {
      const mark = `mark${randomUUID().replaceAll('-', '')}`
      const reply = await way(url, mark)
      if (!reply.ok) throw new Error(`${what}: ${reply.status} ${await reply.text()}`)
      await reply.arrayBuffer()
      marks.push({ what, mark })
    }
  return marks
}

const json = (method: string, body: object) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const ways: Record<string, (url: string, mark: string) => Promise<Response>> = {
  conversation: (url, mark) => fetch(`${url}/api/conversations`, json('POST', { title: mark })),
  folder: (url, mark) => fetch(`${url}/api/conversations/folders`, json('POST', { name: mark })),
  file: (url, mark) => {
    const form = new FormData()
    form.set('purpose', 'user_data')
    form.set('file', new File([`${mark} in the file`], `${mark}.txt`))
    return fetch(`${url}/v1/files`, { method: 'POST', body: form })
  },
}

function judge(steps: readonly Step[], marks: readonly Mark[]): { replies: number; faults: string[] } {
  const faults: string[] = []
  let from = 0
  for (const { what, mark } of marks) {
    const first = steps.findIndex((step, at) => at >= from && step.kind === 'write' && step.data.includes(mark))
    const reply = steps.findIndex((step, at) => at > first && step.kind === 'reply')
    const fault = first < 0 || reply < 0 ? 'its reply is not in the trace' : unsynced(steps.slice(from, reply), mark)
    if (fault !== null) faults.push(`${what} ${mark}: ${fault}`)
    from = reply < 0 ? from : reply
  }
  return { replies: marks.length, faults }
}
