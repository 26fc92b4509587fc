import { describe, expect, it } from 'vitest'
import { chatRequestSchema } from './chat.ts'
import { completionRequestSchema, promptCount } from './completions.ts'
import { ApiError, catalogue, type ErrorCode } from './errors.ts'
import { fieldName, validationError } from './validation.ts'

const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }
const tool = (name: string) => ({ type: 'function', function: { name } })
const completion = { model: 'm', prompt: 'hi' }

function refusal(schema: typeof chatRequestSchema | typeof completionRequestSchema, body: unknown) {
  const result = schema.safeParse(body)
  if (result.success) return null
  const error = validationError(result.error.issues, body)
  return [error.param, error.code]
}

describe('conversations', () => {
  const say = (message: object) => ({ ...chat, messages: [message] })
  it.each([
    [null, null, 'invalid_type'],
    [{}, 'model', 'missing_required_parameter'],
    [{ model: 'm' }, 'messages', 'missing_required_parameter'],
    [{ ...chat, messages: [] }, 'messages', 'invalid_value'],
    [{ ...chat, messages: {} }, 'messages', 'invalid_type'],
    [say({ role: 'robot', content: 'x' }), 'messages[0].role', 'invalid_value'],
    [say({ role: 'user' }), 'messages[0].content', 'missing_required_parameter'],
    [say({ role: 'user', content: null }), 'messages[0].content', 'invalid_type'],
    [say({ role: 'user', content: [] }), 'messages[0].content', 'invalid_value'],
    [say({ role: 'user', content: ['x'] }), 'messages[0].content[0]', 'invalid_type'],
    [say({ role: 'user', content: [{ type: 'text' }] }), 'messages[0].content[0].text', 'missing_required_parameter'],
    [say({ role: 'user', content: [{ type: 'video' }] }), 'messages[0].content[0].type', 'invalid_value'],
    [
      say({ role: 'user', content: [{ type: 'image_url', image_url: {} }] }),
      'messages[0].content[0].image_url.url',
      'missing_required_parameter',
    ],
    [
      say({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] }),
      'messages[0].content[0].image_url.url',
      'invalid_value',
    ],
    [
      say({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }),
      'messages[0].content[0]',
      'unsupported_value',
    ],
    [say({ role: 'user', content: [{ type: 'input_audio' }] }), 'messages[0].content[0]', 'unsupported_value'],
    [say({ role: 'user', content: 'x', name: '' }), 'messages[0].name', 'invalid_value'],
    [say({ role: 'assistant', tool_calls: [{}] }), 'messages[0].tool_calls[0].type', 'missing_required_parameter'],
    [
      say({ role: 'assistant', tool_calls: [{ type: 'function' }] }),
      'messages[0].tool_calls[0].id',
      'missing_required_parameter',
    ],
    [say({ role: 'assistant', tool_calls: [{ type: 'custom' }] }), 'messages[0].tool_calls[0]', 'unsupported_value'],
    [say({ role: 'assistant', tool_calls: [] }), 'messages[0].content', 'invalid_value'],
    [say({ role: 'assistant', content: 'x', function_call: {} }), 'messages[0].function_call', 'unsupported_parameter'],
    [say({ role: 'tool', content: 'x' }), 'messages[0].tool_call_id', 'missing_required_parameter'],
    [{ ...chat, temprature: 1 }, 'temprature', 'unknown_parameter'],
    [{ ...chat, ['z'.repeat(500)]: 1 }, `${'z'.repeat(80)}…`, 'unknown_parameter'],
    [{ ...chat, temperature: 2.1 }, 'temperature', 'invalid_value'],
    [{ ...chat, temperature: '1' }, 'temperature', 'invalid_type'],
    [{ ...chat, n: 129 }, 'n', 'invalid_value'],
    [{ ...chat, max_tokens: 0 }, 'max_tokens', 'invalid_value'],
    [{ ...chat, max_completion_tokens: 1e9 }, 'max_completion_tokens', 'invalid_value'],
    [{ ...chat, max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens', 'invalid_value'],
    [{ ...chat, top_logprobs: 3 }, 'top_logprobs', 'invalid_value'],
    [{ ...chat, logprobs: true, top_logprobs: 21 }, 'top_logprobs', 'invalid_value'],
    [{ ...chat, logit_bias: { x: 1 } }, 'logit_bias.x', 'invalid_value'],
    [{ ...chat, logit_bias: { 1: 101 } }, 'logit_bias.1', 'invalid_value'],
    [{ ...chat, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'invalid_value'],
    [{ ...chat, stop: [''] }, 'stop[0]', 'invalid_value'],
    [{ ...chat, stream_options: {} }, 'stream_options', 'invalid_value'],
    [{ ...chat, stream: true, stream_options: { usage: true } }, 'stream_options.usage', 'unknown_parameter'],
    [{ ...chat, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name', 'missing_required_parameter'],
    [{ ...chat, tools: [tool('no space')] }, 'tools[0].function.name', 'invalid_value'],
    [{ ...chat, tools: [{ ...tool('f'), x: 1 }] }, 'tools[0].x', 'unknown_parameter'],
    [{ ...chat, tools: [{ type: 'custom', custom: { name: 'f' } }] }, 'tools[0]', 'unsupported_value'],
    [{ ...chat, tools: [tool('f'), tool('f')] }, 'tools', 'invalid_value'],
    [{ ...chat, tool_choice: 'auto' }, 'tool_choice', 'invalid_value'],
    [{ ...chat, tools: [tool('f')], tool_choice: 'any' }, 'tool_choice', 'invalid_value'],
    [{ ...chat, tools: [tool('f')], tool_choice: tool('g') }, 'tool_choice', 'invalid_value'],
    [{ ...chat, parallel_tool_calls: true }, 'parallel_tool_calls', 'invalid_value'],
    [{ ...chat, functions: [{}] }, 'functions', 'unsupported_parameter'],
    [{ ...chat, function_call: 'auto' }, 'function_call', 'unsupported_parameter'],
    [
      { ...chat, response_format: { type: 'json_schema' } },
      'response_format.json_schema',
      'missing_required_parameter',
    ],
    [{ ...chat, response_format: { type: 'xml' } }, 'response_format.type', 'invalid_value'],
    [{ ...chat, response_format: { type: 'json_object' }, stop: 'x' }, 'stop', 'invalid_value'],
    [
      { ...chat, response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } },
      'response_format.json_schema.name',
      'invalid_value',
    ],
    [{ ...chat, store: 'yes' }, 'store', 'invalid_type'],
    [{ ...chat, metadata: { a: 1 } }, 'metadata.a', 'invalid_type'],
    [{ ...chat, metadata: { ['k'.repeat(65)]: 'x' } }, `metadata.${'k'.repeat(65)}`, 'invalid_value'],
    [{ ...chat, reasoning_effort: 'high' }, 'reasoning_effort', 'unsupported_value'],
    [{ ...chat, service_tier: 'flex' }, 'service_tier', 'unsupported_value'],
    [{ ...chat, web_search_options: {} }, 'web_search_options', 'unsupported_parameter'],
  ])('%.60j names %j', (body, param, code) => expect(refusal(chatRequestSchema, body)).toEqual([param, code]))

  it.each([
    chat,
    say({
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
    say({ role: 'assistant', content: null, refusal: 'No.' }),
    { ...chat, temperature: null, tools: null, stream: null, n: null, stop: null, logit_bias: null, store: false },
    { ...chat, store: true, metadata: { topic: 'a' } },
    {
      ...chat,
      stop: 'x',
      seed: -(2 ** 53 - 1),
      service_tier: 'auto',
      modalities: ['text'],
      response_format: { type: 'text' },
    },
    {
      ...chat,
      tools: [tool('f'), { type: 'function', function: { name: 'g', parameters: { type: 'object' }, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'g' } },
      parallel_tool_calls: false,
    },
    { ...chat, tools: [], tool_choice: 'none', reasoning_effort: 'none', verbosity: 'medium' },
    {
      ...chat,
      tools: [tool('f')],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [tool('f')] } },
    },
    {
      ...chat,
      metadata: { run: '1' },
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {}, strict: true } },
    },
    say({ role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }),
    { ...chat, user: 'u', safety_identifier: 's', prompt_cache_key: 'k' },
  ])('%.60j is taken', (body) => expect(refusal(chatRequestSchema, body)).toBeNull())
})

describe('completions', () => {
  it.each([
    [{ model: 'm' }, 'prompt', 'missing_required_parameter'],
    [{ ...completion, prompt: [] }, 'prompt', 'invalid_value'],
    [{ ...completion, prompt: 5 }, 'prompt', 'invalid_type'],
    [{ ...completion, prompt: ['a', 1] }, 'prompt[1]', 'invalid_type'],
    [{ ...completion, prompt: [-1] }, 'prompt[0]', 'invalid_value'],
    [{ ...completion, prompt: ['a', 'b'], suffix: 'c' }, 'suffix', 'invalid_value'],
    [{ ...completion, suffix: 'c', echo: true }, 'echo', 'invalid_value'],
    [{ ...completion, logprobs: 6 }, 'logprobs', 'invalid_value'],
    [{ ...completion, best_of: 2 }, 'best_of', 'unsupported_value'],
    [{ ...completion, prompt: ['a', 'b'], n: 65 }, 'n', 'invalid_value'],
    [{ ...completion, messages: [] }, 'messages', 'unknown_parameter'],
  ])('%.60j names %j', (body, param, code) => expect(refusal(completionRequestSchema, body)).toEqual([param, code]))

  it('counts prompts', () => {
    expect(['a', ['a', 'b'], [1, 2, 3], [[1], [2]]].map(promptCount)).toEqual([1, 2, 1, 2])
  })
})

describe('errors', () => {
  it('name fields as OpenAI does', () => {
    expect(fieldName(['messages', 0, 'content', 2, 'text'])).toBe('messages[0].content[2].text')
    expect(fieldName([])).toBeNull()
  })

  it.each(Object.keys(catalogue) as ErrorCode[])('%s has all four keys and one sentence', (code) => {
    const error = new ApiError(code, 'Some detail')
    expect(error.status).toBeGreaterThanOrEqual(400)
    expect(Object.keys(error.body().error)).toEqual(['message', 'type', 'param', 'code'])
    expect(error.message.length).toBeGreaterThan(5)
  })
})
