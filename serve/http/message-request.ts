import { randomInt } from 'node:crypto'
import type { AnswerFormat, ChatRequest, ChatTurn, ToolUse } from '#serve/engine'
import type { MessageTurnBody } from '#wire/message-fields'
import type { CountTokensRequestBody, MessageRequestBody } from '#wire/messages'

/** From a request in Anthropic's dialect to what an engine is asked. */

type Block = Exclude<MessageTurnBody['content'], string>[number]
type TextContent = string | readonly Block[] | null | undefined

/** Blocks stand apart, as paragraphs of one text do. */
function joined(content: TextContent): string {
  if (typeof content === 'string') return content
  return (content ?? []).flatMap((block) => (block.type === 'text' ? [block.text as string] : [])).join('\n')
}

function turns({ role, content }: MessageTurnBody): ChatTurn[] {
  if (typeof content === 'string') return [{ role, content }]
  const blocks: readonly Block[] = content
  const results = blocks.flatMap((block): ChatTurn[] => {
    if (block.type !== 'tool_result') return []
    const said = joined(block.content as TextContent)
    const failed = block.is_error === true && !/^error\b/i.test(said)
    const text = failed ? `Error: ${said}` : said
    return [{ role: 'tool', content: text, callId: block.tool_use_id as string }]
  })
  const calls = blocks.flatMap((block) =>
    block.type === 'tool_use'
      ? [{ id: block.id as string, name: block.name as string, arguments: JSON.stringify(block.input) }]
      : [],
  )
  const speaks = results.length === 0 || blocks.some((block) => block.type === 'text')
  if (!speaks) return results
  return [...results, { role, content: joined(blocks), ...(calls.length === 0 ? {} : { calls }) }]
}

/** Neighbours of one role are one turn, as this dialect has it; many chat templates want roles to alternate. */
function merged(all: readonly ChatTurn[]): ChatTurn[] {
  const out: ChatTurn[] = []
  for (const turn of all) {
    const last = out.at(-1)
    if (last === undefined || last.role !== turn.role || turn.role === 'tool') {
      out.push(turn)
      continue
    }
    const content = [last.content, turn.content].filter((text) => text !== '').join('\n')
    const calls = [...(last.calls ?? []), ...(turn.calls ?? [])]
    out[out.length - 1] = { role: turn.role, content, ...(calls.length === 0 ? {} : { calls }) }
  }
  return out
}

function toolUse({ tools, tool_choice }: CountTokensRequestBody): { tools?: ToolUse } {
  const choice = tool_choice ?? { type: 'auto' as const }
  if (tools == null || tools.length === 0 || choice.type === 'none') return {}
  const functions = tools.map(({ name, description, input_schema, strict }) => ({
    name,
    ...(description == null ? {} : { description }),
    parameters: input_schema,
    ...(strict == null ? {} : { strict }),
  }))
  const named = choice.type === 'tool' ? { name: choice.name } : null
  return {
    tools: {
      functions,
      choice: named ?? (choice.type === 'any' ? 'required' : 'auto'),
      parallel: choice.disable_parallel_tool_use !== true,
    },
  }
}

function answerFormat({ output_config }: CountTokensRequestBody): { format?: AnswerFormat } {
  const format = output_config?.format
  return format == null ? {} : { format: { type: 'json_schema', schema: format.schema } }
}

type Asked = CountTokensRequestBody &
  Partial<Pick<MessageRequestBody, 'max_tokens' | 'temperature' | 'top_p' | 'top_k' | 'stop_sequences'>>

/** Where `max_tokens` is left out, the least is asked for: only the prompt counts then. */
export function messageRequest(body: Asked): ChatRequest {
  const system: ChatTurn[] = body.system == null ? [] : [{ role: 'system', content: joined(body.system) }]
  return {
    model: body.model,
    messages: merged([...system, ...body.messages.flatMap(turns)]),
    maxTokens: body.max_tokens ?? 1,
    stop: body.stop_sequences ?? [],
    choices: 1,
    topLogprobs: null,
    truncation: 'disabled',
    sampling: {
      temperature: body.temperature ?? null,
      topK: body.top_k ?? null,
      topP: body.top_p ?? null,
      minP: null,
      repetitionPenalty: null,
      presencePenalty: null,
      frequencyPenalty: null,
      logitBias: new Map(),
      seed: randomInt(2 ** 32),
    },
    ...toolUse(body),
    ...answerFormat(body),
  }
}
