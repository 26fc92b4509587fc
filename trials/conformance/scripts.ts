/** What the scripted engine plays for the clients, and what they must have understood. */
import type { EngineEvent } from '#serve/engine'
import type { Script } from '#serve/scripted-engine'

export const said = 'Hello, 世界 🙂'
/** The characters beyond ASCII come in tokens of one byte each. */
export const hello: Script = {
  tokens: () => ['Hel', 'lo, ', ...[...Buffer.from('世界 🙂')].map((byte) => Uint8Array.of(byte))],
}

export const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'What the weather is.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

const start: EngineEvent = { type: 'start', promptTokens: 7, droppedMessages: 0, echo: [] }
const piece = (number: number, json: string): EngineEvent => ({
  type: 'token',
  choice: 0,
  text: '',
  logprob: null,
  top: [],
  call: { number, id: `call_${number}`, name: 'weather', arguments: json },
})
const end = (finishReason: 'tool_calls' | 'stop', text = ''): EngineEvent => ({
  type: 'end',
  choice: 0,
  text,
  finishReason,
  completionTokens: 9,
})

/** Two calls at once, their arguments in pieces. */
export const twoCalls: Script = {
  tokens: () => [],
  replay: [
    start,
    piece(0, ''),
    piece(0, '{"city":'),
    piece(0, '"巴黎"}'),
    piece(1, ''),
    piece(1, '{"city":"Rome"}'),
    end('tool_calls'),
  ],
}

export const document = { name: 'Ann', age: 33 }
export const written: Script = { tokens: () => ['{"name":', '"Ann",', '"age":33}'] }
export const documentSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}
