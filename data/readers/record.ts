import type { ChatMessage, Preference } from '#data/document'

/** What one JSON record says, before its source and licence are added. */
export interface Content {
  text?: string
  messages?: ChatMessage[]
  preference?: Preference
}

/** Why a record is not usable; the reader adds file and line. */
export class RecordProblem extends Error {
  override name = 'RecordProblem'
}

export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(record: Json, field: string, where = ''): string {
  const value = record[field]
  if (typeof value !== 'string') throw new RecordProblem(`${where}${field} must be a string, got ${kindOf(value)}`)
  return value
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : value === undefined ? 'nothing' : typeof value
}

function list(record: Json, field: string): Json[] {
  const value = record[field]
  if (!Array.isArray(value) || !value.every(isObject))
    throw new RecordProblem(`${field} must be an array of objects, got ${kindOf(value)}`)
  return value
}

const roles: Record<string, ChatMessage['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  function_call: 'assistant',
  tool: 'tool',
  function: 'tool',
  observation: 'tool',
}

function roleOf(name: unknown, where: string): ChatMessage['role'] {
  const role = typeof name === 'string' && Object.hasOwn(roles, name) ? roles[name] : undefined
  if (!role) throw new RecordProblem(`${where} must be one of ${Object.keys(roles).join(', ')}, got ${String(name)}`)
  return role
}

/** A call as models write it in text (Hermes and Qwen): JSON between marks. */
function callText(call: string): string {
  return `<tool_call>\n${call}\n</tool_call>`
}

/** The system message that offers tools, in the same convention. */
function toolsMessage(tools: unknown): ChatMessage[] {
  const offered = typeof tools === 'string' ? tools.trim() : tools === undefined ? '' : JSON.stringify(tools)
  if (offered === '' || offered === '[]') return []
  return [{ role: 'system', content: `# Tools\n\n<tools>\n${offered}\n</tools>` }]
}

function messageContent(message: Json, where: string): string {
  const { content } = message
  const calls = Array.isArray(message.tool_calls)
    ? message.tool_calls.map((call) => callText(JSON.stringify(isObject(call) && call.function ? call.function : call)))
    : []
  if (Array.isArray(content)) {
    const parts = content.map((part) => {
      if (!isObject(part) || part.type !== 'text') throw new RecordProblem(`${where}.content: only text parts are read`)
      return text(part, 'text', `${where}.content.`)
    })
    return [...parts, ...calls].join('\n')
  }
  if (content === null && calls.length > 0) return calls.join('\n')
  return [text(message, 'content', `${where}.`), ...calls].filter((part) => part !== '').join('\n')
}

function weightOf(weight: unknown, where: string): 0 | 1 {
  if (weight !== 0 && weight !== 1) throw new RecordProblem(`${where} must be 0 or 1, got ${String(weight)}`)
  return weight
}

function openAiMessages(messages: Json[], field: string): ChatMessage[] {
  return messages.map((message, i) => ({
    role: roleOf(message.role, `${field}[${i}].role`),
    content: messageContent(message, `${field}[${i}]`),
    ...(message.weight !== undefined && { weight: weightOf(message.weight, `${field}[${i}].weight`) }),
  }))
}

function shareGptMessages(turns: Json[], field: string): ChatMessage[] {
  return turns.map((turn, i) => {
    const value = text(turn, 'value', `${field}[${i}].`)
    const role = roleOf(turn.from, `${field}[${i}].from`)
    return { role, content: turn.from === 'function_call' ? callText(value) : value }
  })
}

/** Neighbouring turns of one speaker become one; what follows the last answer teaches nothing and goes. */
function mergeTurns(messages: ChatMessage[]): ChatMessage[] {
  const merged: ChatMessage[] = []
  for (const { role, content } of messages) {
    const last = merged.at(-1)
    if (last?.role === role) last.content += `\n${content}`
    else merged.push({ role, content })
  }
  while (merged.length > 0 && merged.at(-1)?.role !== 'assistant') merged.pop()
  return merged
}

/** Spoken dialogues (Taskmaster): `utterances` of `speaker` and `text`. */
function utteranceMessages(record: Json): ChatMessage[] {
  return mergeTurns(
    list(record, 'utterances').map((turn, i) => ({
      role: roleOf(turn.speaker, `utterances[${i}].speaker`),
      content: text(turn, 'text', `utterances[${i}].`),
    })),
  )
}

function alpacaPrompt(record: Json): ChatMessage[] {
  const messages: ChatMessage[] = []
  if (typeof record.system === 'string' && record.system) messages.push({ role: 'system', content: record.system })
  const history = record.history ?? []
  if (!Array.isArray(history)) throw new RecordProblem(`history must be an array, got ${kindOf(history)}`)
  for (const [i, pair] of history.entries()) {
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((side) => typeof side === 'string'))
      throw new RecordProblem(`history[${i}] must be a pair of strings`)
    messages.push({ role: 'user', content: pair[0] }, { role: 'assistant', content: pair[1] })
  }
  const input = record.input === undefined || record.input === null ? '' : text(record, 'input')
  const question = text(record, 'instruction') + (input ? `\n${input}` : '')
  return [...messages, { role: 'user', content: question }]
}

function answer(content: string): ChatMessage[] {
  return [{ role: 'assistant', content }]
}

function alpaca(record: Json): Content {
  const prompt = alpacaPrompt(record)
  if (!Array.isArray(record.output)) return { messages: [...prompt, ...answer(text(record, 'output'))] }
  if (record.output.length < 2 || !record.output.every((one) => typeof one === 'string'))
    throw new RecordProblem('output must be a string, or a list of at least two strings, best first')
  return { preference: { prompt, ranked: record.output.map((one) => answer(one)) } }
}

/** Answers to a prompt, best first, with how good each of them is, where that is said: equal ones make no pair. */
function rankedAnswers(record: Json): Content {
  const prompt = preferencePrompt(record)
  const { ranked, grades } = record
  if (prompt.length === 0) throw new RecordProblem('ranked needs a prompt, messages, conversations or an instruction')
  if (!Array.isArray(ranked) || ranked.length < 2 || !ranked.every((one) => typeof one === 'string'))
    throw new RecordProblem('ranked must be a list of at least two strings, best first')
  if (grades === undefined) return { preference: { prompt, ranked: ranked.map((one) => answer(one)) } }
  const falling =
    Array.isArray(grades) && grades.every((grade, i) => Number.isFinite(grade) && !(grade > grades[i - 1]))
  if (!falling || grades.length !== ranked.length)
    throw new RecordProblem(`grades must be ${ranked.length} numbers, one for each answer, none above the one before`)
  return { preference: { prompt, ranked: ranked.map((one) => answer(one)), grades } }
}

/** "\n\nHuman: …\n\nAssistant: …" as hh-rlhf writes dialogues. */
function humanAssistantTurns(dialogue: string, field: string): ChatMessage[] {
  const parts = dialogue.split(/\n\n(Human|Assistant):/)
  if (parts.length < 3 || parts[0].trim() !== '')
    throw new RecordProblem(`${field} must start with "\\n\\nHuman:" where no prompt is given`)
  const messages: ChatMessage[] = []
  for (let i = 1; i < parts.length; i += 2)
    messages.push({ role: parts[i] === 'Human' ? 'user' : 'assistant', content: parts[i + 1].trim() })
  return messages
}

function sideMessages(record: Json, field: 'chosen' | 'rejected', prompted: boolean): ChatMessage[] {
  const side = record[field]
  if (typeof side === 'string') return prompted ? answer(side) : humanAssistantTurns(side, field)
  if (isObject(side)) return 'from' in side ? shareGptMessages([side], field) : openAiMessages([side], field)
  const turns = list(record, field)
  return turns.some((turn) => 'from' in turn) ? shareGptMessages(turns, field) : openAiMessages(turns, field)
}

function preferencePrompt(record: Json): ChatMessage[] {
  if (typeof record.prompt === 'string') return [{ role: 'user', content: record.prompt }]
  if (record.prompt !== undefined) return openAiMessages(list(record, 'prompt'), 'prompt')
  if (record.messages !== undefined) return openAiMessages(list(record, 'messages'), 'messages')
  if (record.conversations !== undefined) return shareGptMessages(list(record, 'conversations'), 'conversations')
  if (record.instruction !== undefined) return alpacaPrompt(record)
  return []
}

function chosenRejected(record: Json): Content {
  const prompt = preferencePrompt(record)
  const chosen = sideMessages(record, 'chosen', prompt.length > 0)
  const rejected = sideMessages(record, 'rejected', prompt.length > 0)
  if (prompt.length > 0) return { preference: { prompt, ranked: [chosen, rejected] } }
  // Both sides hold the whole dialogue: what they share, up to the last answer, is the prompt.
  let shared = 0
  const most = Math.min(chosen.length, rejected.length) - 1
  while (
    shared < most &&
    chosen[shared].role === rejected[shared].role &&
    chosen[shared].content === rejected[shared].content
  )
    shared++
  return { preference: { prompt: chosen.slice(0, shared), ranked: [chosen.slice(shared), rejected.slice(shared)] } }
}

/** Recognises a record by its fields. Throws RecordProblem naming the field that is wrong or the fields it has. */
export function readRecord(record: Json): Content {
  if (record.chosen !== undefined || record.rejected !== undefined) return chosenRejected(record)
  if (record.ranked !== undefined) return rankedAnswers(record)
  if (record.messages !== undefined)
    return { messages: [...toolsMessage(record.tools), ...openAiMessages(list(record, 'messages'), 'messages')] }
  if (record.conversations !== undefined) {
    const turns = shareGptMessages(list(record, 'conversations'), 'conversations')
    return { messages: [...toolsMessage(record.tools), ...turns] }
  }
  if (record.utterances !== undefined) return { messages: utteranceMessages(record) }
  if (record.instruction !== undefined) return alpaca(record)
  if (record.question !== undefined && record.answer !== undefined)
    return { messages: [{ role: 'user', content: text(record, 'question') }, ...answer(text(record, 'answer'))] }
  if (record.text !== undefined) return { text: text(record, 'text') }
  const fields = Object.keys(record).slice(0, 12).join(', ')
  throw new RecordProblem(
    `has none of text, messages, conversations, utterances, instruction, question, chosen, ranked (its fields: ${fields || 'none'})`,
  )
}
