/** OpenAI's own client: npm install openai, then node examples/openai.ts */
import OpenAI from 'openai'

const {
  DOTLINE_URL = 'http://127.0.0.1:8787',
  DOTLINE_KEY = 'none',
  DOTLINE_MODEL: model = 'dotline-starter',
} = process.env
const client = new OpenAI({ baseURL: `${DOTLINE_URL}/v1`, apiKey: DOTLINE_KEY })

console.log('models:', (await client.models.list()).data.map(({ id }) => id).join(', '))

const stream = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'Who are you?' }],
  stream: true,
})
process.stdout.write('chat: ')
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
console.log()

// Whatever the model is, this is JSON that fits the schema.
const schema = {
  type: 'object',
  properties: { greeting: { type: 'string', maxLength: 20 }, formal: { type: 'boolean' } },
  required: ['greeting', 'formal'],
  additionalProperties: false,
}
const formed = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'Say hello.' }],
  response_format: { type: 'json_schema', json_schema: { name: 'hello', schema, strict: true } },
})
console.log('json:', JSON.parse(formed.choices[0].message.content ?? ''))

// A response is kept, and the next one goes on from it.
const first = await client.responses.create({ model, input: 'My name is Ann.' })
const second = await client.responses.create({ model, input: 'What is my name?', previous_response_id: first.id })
console.log('responses:', second.output_text)
