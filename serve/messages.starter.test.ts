/** Anthropic's dialect, spoken by the model that this checkout ships. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { messageSchema } from '#wire/messages'
import { LocalEngine } from './local-engine.ts'
import { createServer } from './server.ts'
import { eventsOf } from './testing/message-stream.ts'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

it.runIf(existsSync(starter))(
  'the shipped starter answers, streams the same words, and counts the same tokens',
  async () => {
    const engine = new LocalEngine({ folder: starter, id: 'starter', log: () => {} })
    const app = createServer({ engine, log: () => {} })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'starter', messages: [{ role: 'user', content: 'What is 3 plus 4?' }], ...body }),
      })
    try {
      const settings = { max_tokens: 40, temperature: 0 }
      const message = messageSchema.parse(await (await post('/v1/messages', settings)).json())
      const [block] = message.content
      const text = block?.type === 'text' ? block.text : ''
      expect(text).toContain('7')
      expect(message.stop_reason).toBe('end_turn')
      const events = eventsOf(await (await post('/v1/messages', { ...settings, stream: true })).text())
      const words = events.map((event) =>
        event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
      )
      expect(words.join('')).toBe(text)
      const stop = { ...settings, stop_sequences: ['7'] }
      const stopped = messageSchema.parse(await (await post('/v1/messages', stop)).json())
      expect([stopped.stop_reason, stopped.stop_sequence]).toEqual(['stop_sequence', '7'])
      const { input_tokens } = await (await post('/v1/messages/count_tokens', {})).json()
      const { usage } = message
      expect(input_tokens).toBe(usage.input_tokens + usage.cache_read_input_tokens)
      expect(input_tokens).toBeGreaterThan(5)
    } finally {
      app.server.closeAllConnections()
      await app.close()
      await engine.close()
    }
  },
)
