import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Node {
  url: string
  promptTokens: number
  process: ChildProcess
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('./node.ts', import.meta.url))

/** Without `url`, one on SQLite in the folder. */
export async function startNode(folder: string, url?: string): Promise<Node> {
  const child = spawn(process.execPath, [program, folder, ...(url === undefined ? [] : [url])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone])
  if (typeof line !== 'string') throw new Error(`a node ended with ${line}`)
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  return { ...(JSON.parse(line) as { url: string; promptTokens: number }), process: child, kill }
}

const json = { 'content-type': 'application/json' }

export const post = (url: string, path: string, body: object): Promise<Response> =>
  fetch(url + path, { method: 'POST', headers: json, body: JSON.stringify(body) })

/** @throws Error for another status */
export async function posted<T>(url: string, path: string, body: object): Promise<T> {
  const reply = await post(url, path, body)
  if (!reply.ok) throw new Error(`${path} replied ${reply.status}: ${(await reply.text()).slice(0, 300)}`)
  return (await reply.json()) as T
}

export interface Said {
  id: string
  data: string
}

/** Server-sent events, up to the end or to `most` of them, when the connection is torn. */
export async function events(
  url: string,
  headers: Record<string, string> = {},
  most = Number.POSITIVE_INFINITY,
): Promise<Said[]> {
  const leave = new AbortController()
  const reply = await fetch(url, { headers, signal: leave.signal })
  if (!reply.ok || reply.body === null) throw new Error(`${url} replied ${reply.status}: ${await reply.text()}`)
  const found: Said[] = []
  let rest = ''
  try {
    for await (const text of reply.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) found.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? '', data })
        if (found.length >= most) return found
      }
    }
    return found
  } finally {
    leave.abort()
  }
}
