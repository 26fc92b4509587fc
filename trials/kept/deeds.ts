import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

/** What a server acknowledged, as a client remembers it. */
export type Deed =
  | { kind: 'question'; conversation: string; id: string; text: string }
  /** What of an answer was delivered, and whether its end was. */
  | { kind: 'answer'; conversation: string; id: string; text: string; whole: boolean }
  | { kind: 'file'; id: string; name: string; content: string }
  | { kind: 'batch'; id: string; mark: string; lines: readonly string[] }
  | { kind: 'gone'; what: 'conversation' | 'file'; id: string }

/** The server replied, and with what it should not have. */
export class WrongReply extends Error {
  override name = 'WrongReply'
}

async function expectStatus(reply: Response, status: number): Promise<Response> {
  if (reply.status === status) return reply
  throw new WrongReply(`${reply.url} replied ${reply.status}: ${(await reply.text()).slice(0, 300)}`)
}

const json = { 'content-type': 'application/json' }
const unique = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`

/** Does one thing after the other, noting what was acknowledged, until the server is gone. @throws WrongReply */
export async function keepDoing(url: string, deeds: Deed[], random: () => number): Promise<void> {
  const ways = [ask, ask, upload, orderBatch, remove]
  try {
    while (true) await ways[Math.floor(random() * ways.length)](url, deeds, random)
  } catch (error) {
    if (error instanceof WrongReply) throw error
  }
}

async function ask(url: string, deeds: Deed[], random: () => number): Promise<void> {
  const [conversation, question, id] = [unique('conv'), unique('msg'), unique('msg')]
  const text = `canary ${unique('q')}`
  const body = JSON.stringify({ parent: null, question: { id: question, text }, answer: { id }, create: {} })
  const path = `${url}/api/conversations/${conversation}/answers`
  await expectStatus(await fetch(path, { method: 'POST', headers: json, body }), 201)
  deeds.push({ kind: 'question', conversation, id: question, text })
  const answer: Extract<Deed, { kind: 'answer' }> = { kind: 'answer', conversation, id, text: '', whole: false }
  deeds.push(answer)
  // Some leave at once: the answer goes on without them.
  if (random() < 0.2) return
  for await (const event of events(`${path}/${id}/events`)) {
    if (event.type === 'text') answer.text += event.text
    if (event.type === 'end') answer.whole = true
  }
}

async function* events(url: string): AsyncGenerator<{ type: string; text?: string }> {
  const { body } = await expectStatus(await fetch(url), 200)
  let rest = ''
  const decoder = new TextDecoder()
  for await (const part of body as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(part, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined && data !== '[DONE]') yield JSON.parse(data)
    }
  }
}

async function send(url: string, name: string, content: string, purpose: string): Promise<string> {
  const form = new FormData()
  form.set('purpose', purpose)
  form.set('file', new File([content], name))
  const reply = await expectStatus(await fetch(`${url}/v1/files`, { method: 'POST', body: form }), 200)
  return ((await reply.json()) as { id: string }).id
}

async function upload(url: string, deeds: Deed[], random: () => number): Promise<void> {
  const name = `${unique('file')}.txt`
  const content = `${name}\n`.repeat(1 + Math.floor(random() * 3000))
  const id = await send(url, name, content, 'user_data')
  deeds.push({ kind: 'file', id, name, content })
}

async function orderBatch(url: string, deeds: Deed[], random: () => number): Promise<void> {
  // They go on after the client: too many would only fill the end.
  if (random() < 0.5) return
  const mark = unique('batch')
  const lines = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, at) => `${mark}_${at}`)
  const request = (id: string) => ({ model: 'scripted', messages: [{ role: 'user', content: id }] })
  const content = lines.map((custom_id) =>
    JSON.stringify({ custom_id, method: 'POST', url: '/v1/chat/completions', body: request(custom_id) }),
  )
  const input_file_id = await send(url, `${mark}.jsonl`, content.join('\n'), 'batch')
  const body = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { mark } }
  const reply = await fetch(`${url}/v1/batches`, { method: 'POST', headers: json, body: JSON.stringify(body) })
  const { id } = (await (await expectStatus(reply, 200)).json()) as { id: string }
  deeds.push({ kind: 'batch', id, mark, lines })
}

/** Takes something away that was acknowledged before; while that is under way nobody can say whether it is there. */
async function remove(url: string, deeds: Deed[], random: () => number): Promise<void> {
  const there = deeds.filter((each) => each.kind === 'file' || each.kind === 'question')
  const chosen = there[Math.floor(random() * there.length)]
  if (chosen === undefined) return wait(1)
  const [what, id] =
    chosen.kind === 'file' ? (['file', chosen.id] as const) : (['conversation', chosen.conversation] as const)
  forget(deeds, (each) => each === chosen || ('conversation' in each && each.conversation === id))
  const path = what === 'file' ? `/v1/files/${id}` : `/api/conversations/${id}`
  const reply = await fetch(`${url}${path}`, { method: 'DELETE' })
  await expectStatus(reply, what === 'file' ? 200 : 204)
  deeds.push({ kind: 'gone', what, id })
}

function forget(deeds: Deed[], which: (deed: Deed) => boolean): void {
  for (let at = deeds.length - 1; at >= 0; at--) if (which(deeds[at])) deeds.splice(at, 1)
}
