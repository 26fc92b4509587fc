import type { ChatTurn, ContentPart } from '#serve/engine'
import type { InputItem, Item } from '#wire/response-items'
import { newName } from './ids.ts'

/** From the items of a request to those that are kept, and from these to what an engine reads. */

type Sent<T extends string> = Extract<InputItem, { type: T }>
type SentMessage = Extract<InputItem, { role: 'user' | 'system' | 'developer' | 'assistant' }>
type Shown = Extract<Item, { role: 'user' | 'system' | 'developer' }>['content']
type Answered = Extract<Item, { role: 'assistant' }>['content']

const isMessage = (item: InputItem): item is SentMessage => item.type === undefined || item.type === 'message'

/** An item with a name and a state of its own: what a client sends again is another one. */
export function keptItem(sent: InputItem): Item {
  if (isMessage(sent)) return keptMessage(sent)
  if (sent.type === 'function_call') {
    const { call_id, name, arguments: written } = sent as Sent<'function_call'>
    const status = (sent as Sent<'function_call'>).status ?? 'completed'
    return { id: newName('fc'), type: 'function_call', call_id, name, arguments: written, status }
  }
  if (sent.type === 'function_call_output') {
    const { call_id, output } = sent as Sent<'function_call_output'>
    const told =
      typeof output === 'string' ? output : texts(output).map((text) => ({ type: 'input_text' as const, text }))
    return { id: newName('fco'), type: 'function_call_output', call_id, output: told, status: 'completed' }
  }
  const { summary, content } = sent as Sent<'reasoning'>
  return { id: newName('rs'), type: 'reasoning', summary, content: content ?? [], status: 'completed' }
}

function keptMessage({ role, content, status: given }: SentMessage): Item {
  const head = { id: newName('msg'), type: 'message' as const, status: given ?? ('completed' as const) }
  if (role === 'assistant') return { ...head, role, content: answered(content) }
  return { ...head, role, content: shown(content) }
}

type ImageDetail = 'auto' | 'low' | 'high' | 'original'
type Part = { type: string; text?: unknown; refusal?: unknown; image_url?: unknown; detail?: unknown }
const listed = (content: SentMessage['content']): readonly Part[] =>
  typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content as readonly Part[])

const texts = (parts: readonly Part[]): string[] =>
  parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []))

function shown(content: SentMessage['content']): Shown {
  return listed(content).map((part) =>
    part.type === 'input_image'
      ? {
          type: 'input_image',
          image_url: String(part.image_url),
          detail: (part.detail as ImageDetail | null) ?? 'auto',
        }
      : { type: 'input_text', text: String(part.text) },
  )
}

function answered(content: SentMessage['content']): Answered {
  return listed(content).map((part) =>
    part.type === 'refusal'
      ? { type: 'refusal', refusal: String(part.refusal) }
      : { type: 'output_text', text: String(part.text), annotations: [], logprobs: [] },
  )
}

/** What search finds an item by. */
export function textOf(item: Item): string {
  if (item.type === 'message')
    return item.content.map((part) => ('text' in part ? part.text : 'refusal' in part ? part.refusal : '')).join('\n')
  if (item.type === 'function_call') return item.arguments
  if (item.type === 'function_call_output')
    return typeof item.output === 'string' ? item.output : item.output.map(({ text }) => text).join('\n')
  return ''
}

/** The conversation that items tell; what was thought before an answer is not shown again. */
export function turnsOf(items: readonly Item[]): ChatTurn[] {
  const turns: ChatTurn[] = []
  for (const item of items) {
    if (item.type === 'message') turns.push(turnOf(item))
    else if (item.type === 'function_call_output')
      turns.push({ role: 'tool', content: textOf(item), callId: item.call_id })
    else if (item.type === 'function_call') call(turns, item)
  }
  return turns
}

function turnOf(item: Extract<Item, { type: 'message' }>): ChatTurn {
  const content = item.content
    .map((part) => ('text' in part ? part.text : 'refusal' in part ? part.refusal : ''))
    .join('')
  if (item.role === 'assistant' || !item.content.some(({ type }) => type === 'input_image'))
    return { role: item.role, content }
  const parts = item.content.map(
    (part): ContentPart =>
      part.type === 'input_image'
        ? { type: 'image', url: part.image_url, detail: part.detail === 'original' ? 'high' : part.detail }
        : { type: 'text', text: part.text },
  )
  return { role: item.role, content, parts }
}

/** A call belongs to the answer that stands before it. */
function call(turns: ChatTurn[], item: Extract<Item, { type: 'function_call' }>): void {
  const one = { id: item.call_id, name: item.name, arguments: item.arguments }
  const last = turns.at(-1)
  if (last?.role === 'assistant') turns[turns.length - 1] = { ...last, calls: [...(last.calls ?? []), one] }
  else turns.push({ role: 'assistant', content: '', calls: [one] })
}
