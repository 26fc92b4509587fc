/** Many readers at once, readers that come and go: answers stay apart, and nothing stays behind. */
import { afterEach, expect, it } from 'vitest'
import { dataLines, type ScriptedServer, serveScript, until } from './testing/scripted-server.ts'

let server: ScriptedServer
afterEach(() => server.close())

const path = '/v1/chat/completions'
const ask = (name: string) => ({ model: 'scripted', messages: [{ role: 'user', content: name }], stream: true })
/** Answers each conversation with its own last message, six times. */
const echoing = {
  tokens: (request: object) => {
    const { messages } = request as { messages: { content: string }[] }
    return Array(6).fill(`${messages.at(-1)?.content} `)
  },
}

it('keeps 300 concurrent streams apart and on time', async () => {
  server = await serveScript({ ...echoing, delayMs: 50 })
  const gaps: number[] = []
  const read = async (name: string) => {
    const reply = await server.post(path, ask(name))
    const decoder = new TextDecoder()
    let text = ''
    let last = performance.now()
    for await (const bytes of reply.body ?? []) {
      gaps.push(performance.now() - last)
      last = performance.now()
      text += decoder.decode(bytes, { stream: true })
    }
    const lines = dataLines(text)
    expect(lines.at(-1)).toBe('[DONE]')
    const said = lines.slice(0, -1).map((line) => JSON.parse(line).choices[0].delta.content ?? '')
    expect(said.join('')).toBe(`${name} `.repeat(6))
  }
  await Promise.all(Array.from({ length: 300 }, (_, at) => read(`reader-${at}`)))
  gaps.sort((a, b) => a - b)
  // The script speaks every 50 ms; readers, server and the other tests share the same cores.
  expect(gaps[Math.floor(gaps.length * 0.5)]).toBeLessThan(150)
  expect(server.engine.running).toBe(0)
})

it('frees everything of 500 readers that leave in mid-stream', async () => {
  server = await serveScript({ ...echoing, delayMs: 20 })
  const leave = async (at: number) => {
    const controller = new AbortController()
    const reply = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ask(`reader-${at}`)),
      signal: controller.signal,
    })
    await reply.body?.getReader().read()
    controller.abort()
  }
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => leave(round * 50 + at)))
  }
  await until(() => server.engine.running === 0, 1000, 'all answers are cancelled')
  await until(() => server.inFlight() === 0, 1000, 'all replies are closed')
  expect(server.engine.requests).toHaveLength(500)
  expect(server.engine.produced).toBeLessThan(500 * 6)
  expect(server.logged).toEqual([])
})
