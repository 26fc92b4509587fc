/** What Anthropic's dialect refuses, and in which words. */
import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '#wire/errors'
import { messageErrorSchema } from '#wire/messages'
import { type ScriptedServer, serveScript } from './testing/scripted-server.ts'

const hello = { tokens: () => ['Hel', 'lo'] }
const ask = { model: 'scripted', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }
const weather = {
  name: 'weather',
  description: 'What the weather is.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

let server: ScriptedServer
afterEach(() => server.close())

async function refusal(more: object, path = '/v1/messages') {
  const reply = await server.post(path, { ...ask, ...more })
  const { error, request_id } = messageErrorSchema.parse(await reply.json())
  expect(request_id).toBe(reply.headers.get('request-id'))
  return [reply.status, error.type, error.message] as const
}

describe('errors', () => {
  const user = (...content: object[]) => ({ role: 'user', content })
  const used = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'weather', input: {} }] }
  const result = { type: 'tool_result', tool_use_id: 'a' }

  it.each<[object, string]>([
    [{ colour: 1 }, "'colour'"],
    [{ max_tokens: undefined }, "Missing required parameter: 'max_tokens'"],
    [{ temperature: 1.5 }, "'temperature'"],
    [{ frequency_penalty: 1 }, "'frequency_penalty'"],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, "'thinking' is not supported"],
    [{ mcp_servers: [] }, "'mcp_servers' is not supported"],
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, "only 'custom'"],
    [{ tools: [weather, weather] }, "the name 'weather'"],
    [{ tool_choice: { type: 'any' } }, "'tool_choice' is only allowed together with 'tools'"],
    [{ tools: [weather], tool_choice: { type: 'tool', name: 'x' } }, "no tool 'x'"],
    [{ messages: [user({ type: 'image', source: {} })] }, 'messages[0].content[0]'],
    [{ messages: [user({ type: 'text', text: 'a', colour: 1 })] }, "'messages[0].content[0].colour'"],
    [{ messages: [user(result)] }, "messages[0].content[0].tool_use_id: No 'tool_use'"],
    [{ messages: [...ask.messages, used] }, "The last of 'messages'"],
    [{ messages: [used, { role: 'user', content: 'so?' }] }, "'a' needs its 'tool_result' first"],
    [{ messages: [used, user({ type: 'text', text: 'so?' }, result)] }, "'a' needs its 'tool_result' first"],
    [{ messages: [used, user(result), { role: 'assistant', content: 'x' }] }, "The last of 'messages'"],
    [
      { stop_sequences: ['x'], output_config: { format: { type: 'json_schema', schema: {} } } },
      "'stop_sequences' cannot be combined",
    ],
  ])('name what is wrong: %j', async (more, message) => {
    server = await serveScript(hello)
    const [status, type, text] = await refusal(more)
    expect([status, type]).toEqual([400, 'invalid_request_error'])
    expect(text).toContain(message)
    expect(server.engine.requests).toEqual([])
  })

  it('have this dialect’s types', async () => {
    server = await serveScript(hello)
    expect(await refusal({ model: 'none' })).toMatchObject([404, 'not_found_error', expect.stringContaining("'none'")])
    expect(await refusal({ system: 'x'.repeat(1 << 20) })).toMatchObject([413, 'request_too_large', expect.anything()])
    expect(await refusal({}, '/v1/messages/batches')).toMatchObject([404, 'not_found_error', expect.anything()])
    server.engine.script = { ...hello, refuse: new ApiError('upstream_timeout', 'Late.') }
    expect(await refusal({})).toEqual([504, 'timeout_error', 'Late.'])
    const field = 'response_format.json_schema.schema'
    server.engine.script = { ...hello, refuse: new ApiError('unsupported_value', `Invalid '${field}': x.`, field) }
    expect((await refusal({}))[2]).toBe("Invalid 'output_config.format.schema': x.")
    server.engine.script = { ...hello, refuse: new Error('secret detail') }
    const [status, type, text] = await refusal({})
    expect([status, type]).toEqual([500, 'api_error'])
    expect(text).not.toContain('secret')
    const broken = await server.post('/v1/messages', '{')
    expect(messageErrorSchema.parse(await broken.json()).error.type).toBe('invalid_request_error')
    const got = await fetch(`${server.url}/v1/messages`)
    expect([got.status, messageErrorSchema.parse(await got.json()).error.message]).toMatchObject([
      405,
      expect.stringContaining('answers to POST'),
    ])
  })
})
