import type { CallPiece, EngineToken } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { ResponseEvent } from '#wire/response-events'
import type { OutputItem, TextLogprob } from '#wire/response-items'
import { chatLogprobs } from '../http/logprobs.ts'
import { newName } from './ids.ts'

type Unnumbered<T> = T extends unknown ? Omit<T, 'sequence_number'> : never
/** An event without its number. */
export type Said = Unnumbered<ResponseEvent>

type Status = OutputItem['status']
type PartKind = 'output_text' | 'refusal' | 'reasoning_text'

/** The items of an answer in their order, the last of which may be open: there is one at a time, and one part of it. */
export class OpenItems {
  readonly all: OutputItem[] = []
  /** Pieces of thought that were seen. */
  thoughts = 0
  #open = false
  /** The number of the call that is open. */
  #call: number | null = null
  readonly #called = new Set<number>()

  token(event: EngineToken): Said[] {
    if (event.reasoning !== undefined) return this.#think(event.reasoning)
    const said =
      event.refusal === true ? this.#say('refusal', event.text, []) : this.text(event.text, logprobsOf(event))
    return event.call === undefined ? said : [...said, ...this.#write(event.call)]
  }

  text(text: string, logprobs: TextLogprob[]): Said[] {
    return text === '' && logprobs.length === 0 ? [] : this.#say('output_text', text, logprobs)
  }

  /** Ends what is open. An answer that said nothing is an empty message. */
  close(status: Status): Said[] {
    const empty = this.all.length === 0 && status === 'completed' ? this.#say('output_text', '', []) : []
    return [...empty, ...this.#closeItem(status)]
  }

  #think(text: string): Said[] {
    this.thoughts++
    const opened: Said[] = []
    if (this.#item('reasoning') === null) {
      opened.push(...this.#closeItem('completed'))
      opened.push(
        ...this.#begin({ id: newName('rs'), type: 'reasoning', summary: [], content: [], status: 'in_progress' }),
      )
    }
    return [...opened, ...this.#extend('reasoning_text', text, [])]
  }

  #say(kind: 'output_text' | 'refusal', text: string, logprobs: TextLogprob[]): Said[] {
    const opened: Said[] = []
    if (this.#item('message') === null) {
      opened.push(...this.#closeItem('completed'))
      const head = { id: newName('msg'), type: 'message' as const, role: 'assistant' as const }
      opened.push(...this.#begin({ ...head, status: 'in_progress', content: [] }))
    }
    return [...opened, ...this.#extend(kind, text, logprobs)]
  }

  /** More of a part of the open item; another kind of part begins a new one. */
  #extend(kind: PartKind, text: string, logprobs: TextLogprob[]): Said[] {
    const item = this.all.at(-1) as Extract<OutputItem, { content: unknown }>
    const parts = item.content as { type: string }[]
    const said: Said[] = []
    if (parts.at(-1)?.type !== kind) {
      said.push(...this.#closePart())
      const part = emptyPart(kind)
      parts.push(part)
      said.push({ type: 'response.content_part.added', ...this.#place(), part: structuredClone(part) } as Said)
    }
    const part = parts.at(-1) as { text?: string; refusal?: string; logprobs?: TextLogprob[] }
    if (kind === 'refusal') part.refusal += text
    else part.text += text
    part.logprobs?.push(...logprobs)
    if (text === '' && logprobs.length === 0) return said
    const more = kind === 'output_text' ? { logprobs } : {}
    said.push({ type: `response.${kind}.delta`, ...this.#place(), delta: text, ...more } as Said)
    return said
  }

  #write({ number, id, name, arguments: more }: CallPiece): Said[] {
    const said: Said[] = []
    if (this.#call !== number) {
      if (this.#called.has(number))
        throw new ApiError('engine_failed', 'The model went on with a call after it had begun another one.')
      said.push(...this.#closeItem('completed'))
      const call_id = id === '' ? newName('fc').replace('fc_', 'call_') : id
      const head = { id: newName('fc'), type: 'function_call' as const, call_id, name }
      said.push(...this.#begin({ ...head, arguments: '', status: 'in_progress' }))
      this.#called.add(number)
      this.#call = number
    }
    if (more === '') return said
    const item = this.all.at(-1) as Extract<OutputItem, { type: 'function_call' }>
    item.arguments += more
    const { output_index, item_id } = this.#place()
    said.push({ type: 'response.function_call_arguments.delta', output_index, item_id, delta: more })
    return said
  }

  #item(type: OutputItem['type']): OutputItem | null {
    const last = this.all.at(-1)
    return this.#open && last?.type === type ? last : null
  }

  #begin(item: OutputItem): Said[] {
    this.all.push(item)
    this.#open = true
    return [
      { type: 'response.output_item.added', output_index: this.all.length - 1, item: structuredClone(item) } as Said,
    ]
  }

  #closeItem(status: Status): Said[] {
    if (!this.#open) return []
    const said = this.#closePart()
    const item = this.all[this.all.length - 1]
    item.status = status
    const { output_index, item_id } = this.#place()
    if (item.type === 'function_call') {
      const { name, arguments: written } = item
      const type = 'response.function_call_arguments.done'
      said.push({ type, output_index, item_id, name, arguments: written })
    }
    said.push({ type: 'response.output_item.done', output_index, item: structuredClone(item) } as Said)
    this.#open = false
    this.#call = null
    return said
  }

  #closePart(): Said[] {
    const item = this.all.at(-1)
    const part = item !== undefined && 'content' in item ? item.content.at(-1) : undefined
    if (part === undefined) return []
    const said = 'refusal' in part ? { refusal: part.refusal } : { text: part.text }
    const more = part.type === 'output_text' ? { logprobs: structuredClone(part.logprobs) } : {}
    const place = this.#place()
    return [
      { type: `response.${part.type}.done`, ...place, ...said, ...more } as Said,
      { type: 'response.content_part.done', ...place, part: structuredClone(part) } as Said,
    ]
  }

  #place() {
    const item = this.all[this.all.length - 1]
    const content_index = 'content' in item ? Math.max(0, item.content.length - 1) : 0
    return { output_index: this.all.length - 1, item_id: item.id, content_index }
  }
}

function emptyPart(kind: PartKind) {
  if (kind === 'refusal') return { type: kind, refusal: '' }
  if (kind === 'reasoning_text') return { type: kind, text: '' }
  return { type: kind, text: '', annotations: [], logprobs: [] as TextLogprob[] }
}

function logprobsOf(event: EngineToken): TextLogprob[] {
  const content = chatLogprobs(event)?.content ?? []
  return content.map(({ bytes, top_logprobs, ...one }) => ({
    ...one,
    bytes: bytes ?? [],
    top_logprobs: top_logprobs.map((top) => ({ ...top, bytes: top.bytes ?? [] })),
  }))
}
