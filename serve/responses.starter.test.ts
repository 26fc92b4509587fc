/** The official client, the model that this checkout ships, and a store. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { type ResponseEvent, responseEventSchema } from '#wire/response-events'
import { openKeeping } from './keeping.ts'
import { LocalEngine } from './local-engine.ts'
import { foldEvents } from './responses/fold.ts'
import { createServer } from './server.ts'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

it.runIf(existsSync(starter))(
  'the shipped starter answers whole, streamed, in the background, in a form and to a conversation',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dotline-starter-'))
    const engine = new LocalEngine({ folder: starter, id: 'starter', log: () => {} })
    const keeping = await openKeeping({ folder }, console.error)
    const app = createServer({ engine, store: keeping.store, people: keeping.people, log: () => {} })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
    try {
      const ask = { model: 'starter', input: 'What is 3 plus 4?', temperature: 0, max_output_tokens: 40 }
      const whole = await client.responses.create(ask)
      expect(whole.output_text).toContain('7')
      const events: ResponseEvent[] = []
      for await (const event of await client.responses.create({ ...ask, stream: true }))
        events.push(responseEventSchema.parse(event))
      expect(foldEvents(events)?.output).toMatchObject([{ content: [{ text: whole.output_text }] }])
      const { id } = await client.responses.create({ ...ask, background: true })
      for await (const event of await client.responses.retrieve(id, { stream: true }))
        if (event.type === 'response.completed') expect(event.response.output).toMatchObject([{ status: 'completed' }])
      expect((await client.responses.retrieve(id)).output_text).toBe(whole.output_text)
      const { input_tokens } = await client.responses.inputTokens.count({ model: 'starter', input: ask.input })
      expect(input_tokens).toBe(whole.usage?.input_tokens)
      const schema = { type: 'object', properties: { n: { type: 'integer', maximum: 9 } }, required: ['n'] }
      const format = { type: 'json_schema' as const, name: 'n', schema: { ...schema, additionalProperties: false } }
      const formed = await client.responses.create({ ...ask, text: { format } })
      expect(JSON.parse(formed.output_text)).toEqual({ n: expect.any(Number) })
      const conversation = await client.conversations.create({})
      await client.responses.create({ ...ask, conversation: conversation.id })
      const longer = await client.responses.create({ ...ask, input: 'And 2 plus 2?', conversation: conversation.id })
      expect(longer.usage?.input_tokens).toBeGreaterThan(2 * input_tokens)
      const wrong = { type: 'json_schema' as const, name: 'x', schema: { $ref: '#/nowhere' } }
      await expect(client.responses.create({ ...ask, text: { format: wrong } })).rejects.toMatchObject({
        status: 400,
        param: expect.stringMatching(/^text\.format\.schema/),
      })
      const long = client.responses.create({ ...ask, input: 'word '.repeat(60_000) })
      await expect(long).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'input' })
    } finally {
      app.server.closeAllConnections()
      await app.close()
      await Promise.all([engine.close(), keeping.close()])
      rmSync(folder, { recursive: true })
    }
  },
  120_000,
)
