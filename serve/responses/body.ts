import type { ResponseBody, ResponseRequestBody } from '#wire/responses'

export interface Opening {
  id: string
  model: string
  conversation: string | null
  background: boolean
  stored: boolean
}

/** A response of which nothing is said yet: what was asked, told back. */
export function openResponse(body: ResponseRequestBody, { id, model, conversation, ...how }: Opening): ResponseBody {
  return {
    id,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    completed_at: null,
    status: how.background ? 'queued' : 'in_progress',
    background: how.background,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls !== false,
    previous_response_id: body.previous_response_id ?? null,
    conversation: conversation === null ? null : { id: conversation },
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: null, summary: null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: how.stored,
    temperature: body.temperature ?? null,
    text: { format: formatShown(body), verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: toolsShown(body),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? 'disabled',
    usage: null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
    access_programs: null,
    dotline: null,
  }
}

function formatShown({ text }: ResponseRequestBody): ResponseBody['text']['format'] {
  const format = text?.format ?? { type: 'text' }
  if (format.type !== 'json_schema') return format
  const { type, name, description, schema, strict } = format
  return { type, name, description: description ?? null, schema, strict: strict ?? true }
}

function toolsShown({ tools }: ResponseRequestBody): ResponseBody['tools'] {
  return (tools ?? []).flatMap((tool) => {
    if (tool.type !== 'function') return []
    const { name, description, parameters, strict } = tool as Extract<typeof tool, { type: 'function' }>
    const known = { description: description ?? null, parameters: parameters ?? null, strict: strict ?? true }
    return [{ type: 'function' as const, name, ...known }]
  })
}
