import { judgeUrl } from '#guard/egress'
import type {
  AnswerFormat,
  ChatRequest,
  ChatTurn,
  CompletionRequest,
  ContentPart,
  GenerationRequest,
  ToolUse,
} from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { UpstreamSettings } from './settings.ts'

/** From what an engine is asked to the body that an OpenAI-compatible server reads. What it cannot do is refused by name. */

type Body = Record<string, unknown>

const unable = (field: string, why: string) =>
  new ApiError('unsupported_parameter', `'${field}' is not supported for this model: ${why}.`, field)

export function chatBody(request: ChatRequest, settings: UpstreamSettings): Body {
  const can = new Set(settings.capabilities)
  if (!can.has('chat'))
    throw new ApiError('unsupported_value', 'This model does not converse. Use /v1/completions.', 'model')
  if (request.tools !== undefined && !can.has('tools')) throw unable('tools', 'it calls no functions')
  if (request.format !== undefined && !can.has('json')) throw unable('response_format', 'it is held to no format')
  checkPictures(request.messages, settings)
  const body = shared(request, settings, request.topLogprobs === null ? {} : chatLogprobs(request.topLogprobs))
  body.messages = request.messages.map((turn) => message(turn, settings.developerRole))
  if (request.maxTokens !== null) body[settings.maxTokensField] = request.maxTokens
  if (request.tools !== undefined) Object.assign(body, tools(request.tools))
  if (request.format !== undefined) body.response_format = responseFormat(request.format)
  return body
}

export function completionBody(request: CompletionRequest, settings: UpstreamSettings): Body {
  const can = new Set(settings.capabilities)
  if (!can.has('completions'))
    throw new ApiError('unsupported_value', 'This model only converses. Use /v1/chat/completions.', 'model')
  if (request.suffix !== null && !can.has('fill')) throw unable('suffix', 'it fills no gaps')
  if (request.echo && request.prompts.some((prompt) => typeof prompt !== 'string'))
    throw unable('echo', 'it shows no text for token ids')
  if (request.echo && request.topLogprobs !== null) throw unable('logprobs', 'it reports none for a prompt')
  const body = shared(request, settings, request.topLogprobs === null ? {} : { logprobs: request.topLogprobs })
  body.prompt = request.prompts.length === 1 ? request.prompts[0] : request.prompts
  if (request.suffix !== null) body.suffix = request.suffix
  if (request.maxTokens !== null) body.max_tokens = request.maxTokens
  return body
}

const chatLogprobs = (top: number): Body => ({ logprobs: true, ...(top > 0 && { top_logprobs: top }) })

function shared(request: GenerationRequest, settings: UpstreamSettings, logprobs: Body): Body {
  if (request.topLogprobs !== null && !settings.capabilities.includes('logprobs'))
    throw unable('logprobs', 'it reports none')
  const { sampling, stop, choices } = request
  const body: Body = { model: settings.model, stream: true, stream_options: { include_usage: true }, ...logprobs }
  const set = (name: string, value: unknown) => {
    if (value !== null) body[name] = value
  }
  set('temperature', sampling.temperature)
  set('top_p', sampling.topP)
  set('presence_penalty', sampling.presencePenalty)
  set('frequency_penalty', sampling.frequencyPenalty)
  body.seed = sampling.seed
  const extended = { top_k: sampling.topK, min_p: sampling.minP, repetition_penalty: sampling.repetitionPenalty }
  for (const [name, value] of Object.entries(extended)) {
    if (value !== null && !settings.extendedSampling) throw unable(name, 'its server does not know it')
    set(name, value)
  }
  if (sampling.logitBias.size > 0) body.logit_bias = Object.fromEntries(sampling.logitBias)
  if (stop.length > 0) body.stop = stop
  if (choices > 1) body.n = choices
  return body
}

/**
 * A picture by its address is fetched by the server behind this model: one in the operator's own network is sent none, for
 * its hands would reach where the asker's do not.
 */
function checkPictures(messages: readonly ChatTurn[], settings: UpstreamSettings): void {
  for (const [turn, { parts = [] }] of messages.entries())
    for (const [at, part] of parts.entries()) {
      if (part.type !== 'image') continue
      const refuse = (why: string) => {
        throw new ApiError('unsupported_value', why, `messages[${turn}].content[${at}]`)
      }
      if (!settings.capabilities.includes('vision')) refuse('This model reads text alone: it cannot see pictures.')
      if (part.url.startsWith('data:')) continue
      if (settings.private || judgeUrl(part.url, { private: false }).url === null)
        refuse(
          "A picture at that address is not fetched for this model. Send the picture itself: 'data:image/png;base64,…'.",
        )
    }
}

const part = (one: ContentPart): Body => {
  if (one.type === 'text') return { type: 'text', text: one.text }
  const { url, detail } = one
  return { type: 'image_url', image_url: detail === undefined ? { url } : { url, detail } }
}

function message({ role, content, name, parts, calls, callId }: ChatTurn, developer: boolean): Body {
  const shown = parts === undefined ? content : parts.map(part)
  const one: Body = { role: role === 'developer' && !developer ? 'system' : role, content: shown }
  if (name !== undefined) one.name = name
  if (calls !== undefined && calls.length > 0) {
    one.tool_calls = calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    }))
    if (content === '') one.content = null
  }
  if (callId !== undefined) one.tool_call_id = callId
  return one
}

function tools({ functions, choice, parallel }: ToolUse): Body {
  return {
    tools: functions.map((each) => ({ type: 'function', function: each })),
    tool_choice: typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } },
    parallel_tool_calls: parallel,
  }
}

function responseFormat(format: AnswerFormat): Body {
  if (format.type === 'json_object') return { type: 'json_object' }
  return { type: 'json_schema', json_schema: { name: 'answer', schema: format.schema, strict: true } }
}
