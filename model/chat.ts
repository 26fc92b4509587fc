/** Conversations as token ids: the special tokens, the chat template, prompts that fit the window, masks for training. */

import { callOpen } from './call-marks.ts'
import { chatTemplate } from './chat/chatml.ts'
import { ChatTemplateError, PromptTooLongError } from './chat/error.ts'
import { TextGuard } from './chat/guard-text.ts'
import type { ChatMessage, ChatTool } from './chat/message.ts'
import { BoundedTemplate } from './chat/template.ts'
import { callObject, foldTools, toolObject } from './chat/tools.ts'
import { openChatConfig } from './chat-config.ts'
import { AddedTokenFinder } from './tokenizer/added-tokens.ts'
import type { TokenCodec } from './tokenizer.ts'

export { chatTemplate } from './chat/chatml.ts'
export type { ChatCall, ChatMessage, ChatTool } from './chat/message.ts'
export { ChatTemplateError, PromptTooLongError }

/** A message to learn from; weight 0 leaves an assistant message out of the loss. */
export interface TrainingMessage extends ChatMessage {
  weight?: 0 | 1
}

/** Ends a document; separates documents in pre-training. */
export const endOfText = '<|endoftext|>'
/** Starts a message: its role, a line break, its content. */
export const messageStart = '<|im_start|>'
/** Ends a message. */
export const messageEnd = '<|im_end|>'
/** Fill in the middle: prefix, suffix, then the middle that the model writes. */
export const fimPrefix = '<|fim_prefix|>'
export const fimSuffix = '<|fim_suffix|>'
export const fimMiddle = '<|fim_middle|>'
/** Fills batches; never learnt. */
export const padding = '<|pad|>'

/** The special tokens of Dotline's own models, in the order of their ids. */
export const specialTokens = [endOfText, messageStart, messageEnd, fimPrefix, fimSuffix, fimMiddle, padding] as const

const MAX_MESSAGES = 10_000
const MAX_CONTENT = 4_000_000

export interface ChatFormatOptions {
  /** The template's `bos_token` and `eos_token`. */
  beginToken?: string
  endToken?: string
}

/** Renders messages by a template and encodes them; a content never yields a control token. */
export class ChatFormat {
  /** Ids that end an answer, where the tokenizer has them: message end and end of text. */
  readonly stopTokens: ReadonlySet<number>
  private readonly tokenizer: TokenCodec
  private readonly template: BoundedTemplate
  private readonly finder: AddedTokenFinder
  private readonly guard: TextGuard
  private readonly variables: { bos_token: string; eos_token: string }
  private knowsTools: boolean | null = null

  /**
   * @param template Jinja source from a model's tokenizer_config.json; not trusted.
   * @throws ChatTemplateError where it is too long or malformed.
   */
  constructor(tokenizer: TokenCodec, template: string = chatTemplate, options: ChatFormatOptions = {}) {
    this.tokenizer = tokenizer
    this.template = new BoundedTemplate(template)
    this.finder = new AddedTokenFinder(tokenizer.specialTokens)
    this.guard = new TextGuard(tokenizer.specialTokens.keys())
    this.variables = { bos_token: options.beginToken ?? '', eos_token: options.endToken ?? endOfText }
    const stops = [messageEnd, endOfText, this.variables.eos_token].map((token) => tokenizer.specialTokens.get(token))
    this.stopTokens = new Set(stops.filter((id) => id !== undefined))
  }

  /** The chat format of a model's folder: tokenizer_config.json, chat_template.jinja; ChatML where neither has one. */
  static async open(tokenizer: TokenCodec, folder: string): Promise<ChatFormat> {
    const { template, beginToken, endToken } = await openChatConfig(folder)
    return new ChatFormat(tokenizer, template, { beginToken, endToken })
  }

  /** The text that the model is shown; `addGenerationPrompt` ends it where an assistant's answer begins. */
  render(
    messages: readonly ChatMessage[],
    options: { addGenerationPrompt?: boolean; tools?: readonly ChatTool[] } = {},
  ): string {
    return this.guard.unguard(this.renderGuarded(messages, options.addGenerationPrompt === true, options.tools))
  }

  /** Whether the template has a form of its own for functions and calls, the one with `<tool_call>` around JSON. */
  get hasToolForm(): boolean {
    this.knowsTools ??= this.writesCalls()
    return this.knowsTools
  }

  /**
   * Whether the template writes who of several speakers of this message's role it is. Most do not: a name would be lost
   * in silence.
   */
  showsName({ role, name }: ChatMessage): boolean {
    if (name === undefined) return true
    const probe = 'probe_speaker'
    const first: ChatMessage[] = role === 'assistant' ? [{ role: 'user', content: 'x' }] : []
    try {
      const shown = this.renderMessages([...first, { role, name: probe, content: 'x' }], false, () => false, [])
      return this.guard.unguard(shown).includes(probe)
    } catch {
      return false
    }
  }

  private writesCalls(): boolean {
    const probe = { name: 'probe_function', parameters: { type: 'object' } }
    const calls = [{ name: 'called_function', arguments: '{}' }]
    const messages: ChatMessage[] = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: '', calls },
    ]
    try {
      const text = this.guard.unguard(this.renderMessages(messages, false, () => false, [probe]))
      return text.includes(probe.name) && new RegExp(`${callOpen}\\s*\\{"name": "called_function"`).test(text)
    } catch {
      // A template that is picky about its messages has no room for functions either.
      return false
    }
  }

  /**
   * A prompt of at most contextLength - reserve tokens that ends where the answer begins. Where the conversation is
   * longer, its oldest turns (a user message and what follows it) are dropped whole; system and developer messages
   * and the last turn stay.
   * @throws PromptTooLongError where these alone do not fit.
   */
  encodePrompt(
    messages: readonly ChatMessage[],
    options: { contextLength: number; reserve: number; tools?: readonly ChatTool[] },
  ): { ids: Uint32Array; droppedMessages: number } {
    const limit = options.contextLength - options.reserve
    const attempt = (turns: number) => {
      const kept = withoutOldest(messages, turns)
      return { ids: this.encodeMessages(kept, options.tools), droppedMessages: messages.length - kept.length }
    }
    const whole = attempt(0)
    if (whole.ids.length <= limit) return whole
    // Fewer messages are never longer, so the fewest turns to drop are found by halving.
    let tooFew = 0
    let enough = countTurns(messages) - 1
    let best = enough > 0 ? attempt(enough) : whole
    if (best.ids.length > limit) throw new PromptTooLongError(best.ids.length, limit)
    while (enough - tooFew > 1) {
      const middle = (tooFew + enough) >> 1
      const result = attempt(middle)
      if (result.ids.length <= limit) {
        enough = middle
        best = result
      } else tooFew = middle
    }
    return best
  }

  /**
   * A conversation to learn from. mask[i] is 1 where ids[i] is to be predicted: the tokens of assistant messages whose
   * weight is not 0, and the control token that ends each.
   */
  encodeTraining(messages: readonly TrainingMessage[]): { ids: Uint32Array; mask: Uint8Array } {
    checkMessages(messages)
    const rendered = this.renderMessages(messages, false, (message) => message.role === 'assistant', [])
    const parts = this.guard.splitAtEdges(rendered)
    const weights = messages.filter((message) => message.role === 'assistant').map((message) => message.weight ?? 1)
    if (parts.length !== weights.length * 2 + 1) {
      throw new ChatTemplateError('chat template does not write each assistant message once, so no mask can be made')
    }
    const ids: number[] = []
    const mask: number[] = []
    parts.forEach((part, i) => {
      const isAnswer = i % 2 === 1
      const weight = isAnswer ? weights[(i - 1) / 2] : 0
      const ended = !isAnswer && i > 0 ? weights[i / 2 - 1] : 0
      this.encodeGuarded(part).forEach((id, at) => {
        ids.push(id)
        mask.push(at === 0 && this.stopTokens.has(id) ? ended : weight)
      })
    })
    return { ids: Uint32Array.from(ids), mask: Uint8Array.from(mask) }
  }

  /** A whole conversation up to where the assistant speaks, however long it is. */
  encodeMessages(messages: readonly ChatMessage[], tools?: readonly ChatTool[]): Uint32Array {
    return Uint32Array.from(this.encodeGuarded(this.renderGuarded(messages, true, tools)))
  }

  /** A template without a form for functions is shown them, and what was called, as text. */
  private renderGuarded(
    messages: readonly ChatMessage[],
    addGenerationPrompt: boolean,
    tools: readonly ChatTool[] = [],
  ): string {
    checkMessages(messages)
    const plain = tools.length === 0 && messages.every((message) => (message.calls ?? []).length === 0)
    if (plain || this.hasToolForm) return this.renderMessages(messages, addGenerationPrompt, () => false, tools)
    return this.renderMessages(foldTools(messages, tools), addGenerationPrompt, () => false, [])
  }

  private renderMessages(
    messages: readonly ChatMessage[],
    addGenerationPrompt: boolean,
    hasEdges: (message: ChatMessage) => boolean,
    tools: readonly ChatTool[],
  ): string {
    let characters = 65_536
    const counted = (text: string) => {
      const guarded = this.guard.guard(text)
      // A quotation mark and its like may be written as two characters.
      characters += 2 * guarded.length + 16
      return guarded
    }
    const shown = messages.map((message) => {
      const content = this.guard.guard(message.content)
      characters += content.length
      const calls = message.calls ?? []
      return {
        role: message.role,
        content: hasEdges(message) ? this.guard.withEdges(content) : content,
        ...(message.name === undefined ? {} : { name: counted(message.name) }),
        ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => callObject(call, counted)) }),
      }
    })
    const variables = {
      ...this.variables,
      ...(tools.length === 0 ? {} : { tools: tools.map((tool) => toolObject(tool, counted)) }),
      messages: shown,
      add_generation_prompt: addGenerationPrompt,
    }
    return this.template.render(variables, characters * 2)
  }

  /** Control tokens that the template wrote become their ids; all else is text. */
  private encodeGuarded(rendered: string): number[] {
    const ids: number[] = []
    const text = (part: string) => {
      for (const id of this.tokenizer.encode(this.guard.unguard(part))) ids.push(id)
    }
    this.finder.split(rendered, text, (id) => ids.push(id))
    return ids
  }
}

const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool'])

/** A role is written into the prompt as it stands, so that none but the five may pass. */
function checkMessages(messages: readonly ChatMessage[]): void {
  messages.forEach(({ role, content }, i) => {
    if (!roles.has(role)) throw new ChatTemplateError(`messages[${i}].role must be one of ${[...roles].join(', ')}`)
    if (typeof content !== 'string') throw new ChatTemplateError(`messages[${i}].content must be a string`)
  })
  if (messages.length > MAX_MESSAGES) {
    throw new ChatTemplateError(`${messages.length} messages, the limit is ${MAX_MESSAGES}`)
  }
  const characters = messages.reduce(
    (sum, { content, calls = [] }) => calls.reduce((more, call) => more + call.arguments.length, sum + content.length),
    0,
  )
  if (characters > MAX_CONTENT) {
    throw new ChatTemplateError(`messages of ${characters} characters in all, the limit is ${MAX_CONTENT}`)
  }
}

const isSystem = (message: Roled) => message.role === 'system' || message.role === 'developer'

/** The turn of each message; what comes before the first user message belongs to the first turn. */
function turnNumbers(messages: readonly Roled[]): number[] {
  let turn = 0
  let seenUser = false
  return messages.map((message) => {
    if (message.role === 'user') {
      if (seenUser) turn++
      seenUser = true
    }
    return turn
  })
}

type Roled = Pick<ChatMessage, 'role'>

/** How many turns a conversation has: a user's message and what follows it. */
export const countTurns = (messages: readonly Roled[]): number => (turnNumbers(messages).at(-1) ?? 0) + 1

/** The conversation without its first turns; what a system or a developer said stays. */
export function withoutOldest<M extends Roled>(messages: readonly M[], turns: number): M[] {
  const numbers = turnNumbers(messages)
  return messages.filter((message, i) => isSystem(message) || numbers[i] >= turns)
}
