import { afterEach, expect, it } from 'vitest'
import type { ChatTurn, EngineEvent } from '#serve/engine'
import { chatAsk } from './testing/scripted-requests.ts'
import { chatStream, type ScriptedUpstream, sendError, sendStream, serveUpstream } from './testing/scripted-upstream.ts'
import { upstreamSchema } from './upstream/settings.ts'
import { UpstreamEngine } from './upstream-engine.ts'

/** A conversation that is too long for a server which says so, and drops nothing by itself. */

const never = new AbortController().signal
const open: { close(): Promise<void> }[] = []
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())))

const system: ChatTurn = { role: 'system', content: 'rules' }
const talk = Array.from(
  { length: 21 },
  (_, at): ChatTurn => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: `m${at}`,
  }),
)
const sent = ({ asked }: ScriptedUpstream) =>
  asked.map(({ body }) => (body.messages as ChatTurn[]).map(({ content }) => content))

/** Takes at most so many messages, as vLLM refuses the rest: without a code. */
async function engineThatTakes(most: number, said: object) {
  const server = await serveUpstream((response, { body }) => {
    if ((body.messages as object[]).length > most) return sendError(response, 400, said)
    return sendStream(response, chatStream(['ok']))
  })
  const settings = upstreamSchema.parse({ urls: [server.url], model: 'theirs', private: true })
  const engine = new UpstreamEngine({ id: 'm', settings, log: () => {} })
  open.push(engine, server)
  const ask = async (truncation: 'auto' | 'disabled'): Promise<EngineEvent[]> => {
    const events: EngineEvent[] = []
    const request = chatAsk({ messages: [system, ...talk], truncation })
    for await (const event of engine.chat(request, never)) events.push(event)
    return events
  }
  return { server, engine, ask }
}

const words = {
  message: "This model's maximum context length is 64 tokens. However, you requested 90 tokens. Please shorten them.",
}

it('loses its oldest turns, never the system message, and says how many messages went', async () => {
  const { server, engine, ask } = await engineThatTakes(8, words)
  const [start] = await ask('auto')
  expect(start).toMatchObject({ type: 'start', droppedMessages: 14 })
  const [first, , , last] = sent(server)
  expect(first).toHaveLength(22)
  expect(last).toEqual(['rules', ...talk.slice(14).map(({ content }) => content)])
  // One request, however often the server was asked.
  expect(engine.stats()).toMatchObject({ requests: 1, failed: 0 })
})

it.each([
  words,
  { message: 'the request (90 tokens) exceeds the available context size (64 tokens), try increasing it' },
  { message: 'too long: 90 of 64', code: 'context_length_exceeded' },
])('is refused with both numbers where nothing may go: %o', async (said) => {
  const { server, ask } = await engineThatTakes(8, said)
  await expect(ask('disabled')).rejects.toMatchObject({
    code: 'context_length_exceeded',
    message: expect.stringMatching(/64.*90|90.*64/),
  })
  expect(server.asked).toHaveLength(1)
})

it('is refused where the last turn alone is too long', async () => {
  const { server, ask } = await engineThatTakes(1, words)
  await expect(ask('auto')).rejects.toMatchObject({ code: 'context_length_exceeded' })
  expect(sent(server).at(-1)).toEqual(['rules', 'm20'])
})
