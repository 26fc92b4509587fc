import type { ChatMessage, Document } from '#data/document'
import { type FillInMiddle, fillInMiddle, type Span } from '#data/fill-in-middle'
import { ChatTemplateError, endOfText, fimMiddle, fimPrefix, fimSuffix } from '#model/chat'
import { type ChatEncoding, type CorpusKind, PrepareError, type TextEncoding } from './source.ts'

/** Token runs of one document, as the token file keeps them. */
export interface Encoded {
  ids: ArrayLike<number>
  mask?: ArrayLike<number>
  /** UTF-8 bytes of the text it stands for. */
  bytes: number
}

const middleNames = [fimPrefix, fimSuffix, fimMiddle]

/** Encodes documents. Each text starts with the separator, so that a model can begin from nothing and sees ends. */
export class DocumentEncoder {
  readonly separator: number | null
  #tokenizer: TextEncoding
  #chat: ChatEncoding | undefined
  #fill: FillInMiddle | undefined
  #marks: number[] = []

  constructor(tokenizer: TextEncoding, chat: ChatEncoding | undefined, fill: FillInMiddle | undefined) {
    this.#tokenizer = tokenizer
    this.#chat = chat
    this.separator = tokenizer.specialTokens.get(endOfText) ?? null
    if (!fill || fill.rate === 0) return
    this.#fill = fill
    this.#marks = middleNames.map((name) => {
      const id = tokenizer.specialTokens.get(name)
      if (id === undefined)
        throw new PrepareError(`fillInMiddle needs the token ${name}, which the tokenizer lacks: add it or set rate 0`)
      return id
    })
  }

  /** The runs of one document; a text with parts cut in three gives one for each part. */
  encode(document: Document, kind: CorpusKind, seed: number): Encoded[] {
    if (kind === 'chat') return [this.#encodeChat(document)]
    if (kind === 'preference') return this.#encodeAnswers(document)
    if (document.text === undefined)
      throw new PrepareError(`${document.origin} is no text: give its source the kind "chat"`)
    const spans = this.#fill ? fillInMiddle(document.text, this.#fill, seed) : [{ text: document.text }]
    return spans.map((span) => this.#encodeSpan(span))
  }

  /** The same without fill-in-the-middle. */
  plain(document: Document, kind: CorpusKind): Encoded[] {
    return kind === 'text' && document.text !== undefined
      ? [this.#encodeSpan({ text: document.text })]
      : this.encode(document, kind, 0)
  }

  #encodeChat(document: Document): Encoded {
    if (!document.messages)
      throw new PrepareError(`${document.origin} is no conversation: give its source the kind "text"`)
    if (!this.#chat) throw new PrepareError('chat is missing: a source of kind "chat" needs a chat format')
    const { ids, mask } = this.#train(this.#chat, document, document.messages)
    return { ids, mask, bytes: document.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) }
  }

  /** Each answer behind its prompt, up to the token that ends it; only the answer's tokens are learned. */
  #encodeAnswers(document: Document): Encoded[] {
    const { preference } = document
    if (!preference)
      throw new PrepareError(
        `${document.origin} ranks no answers: it has neither chosen and rejected nor a list as output`,
      )
    const chat = this.#chat
    if (!chat) throw new PrepareError('chat is missing: a source of kind "preference" needs a chat format')
    const prompt = preference.prompt.map((message) => ({ ...message, weight: 0 as const }))
    return preference.ranked.map((answer) => {
      const { ids, mask } = this.#train(chat, document, [...prompt, ...answer])
      let end = mask.length
      while (end > 0 && !mask[end - 1]) end--
      if (end === 0) throw new PrepareError(`${document.origin}: an answer without a message of the assistant`)
      const bytes = answer.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
      return { ids: Array.from(ids).slice(0, end), mask: Array.from(mask).slice(0, end), bytes }
    })
  }

  #train(chat: ChatEncoding, document: Document, messages: ChatMessage[]) {
    try {
      return chat.encodeTraining(messages)
    } catch (cause) {
      if (!(cause instanceof ChatTemplateError)) throw cause
      throw new PrepareError(`${document.origin}: ${cause.message}`, { cause })
    }
  }

  #encodeSpan(span: Span): Encoded {
    const start = this.separator === null ? [] : [this.separator]
    if ('text' in span)
      return { ids: joined([start, this.#tokenizer.encode(span.text)]), bytes: Buffer.byteLength(span.text) }
    const [prefix, suffix, middle] = this.#marks
    const runs = [
      start,
      [prefix],
      this.#tokenizer.encode(span.prefix),
      [suffix],
      this.#tokenizer.encode(span.suffix),
      [middle],
      this.#tokenizer.encode(span.middle),
    ]
    return { ids: joined(runs), bytes: Buffer.byteLength(span.prefix + span.middle + span.suffix) }
  }
}

function joined(runs: ArrayLike<number>[]): Uint32Array {
  const ids = new Uint32Array(runs.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const run of runs) {
    ids.set(run, at)
    at += run.length
  }
  return ids
}
