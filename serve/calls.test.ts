import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallReader, withCalls } from '#serve/calls'
import type { EngineEvent } from '#serve/engine'

const marks = { open: '<tool_call>', close: '</tool_call>' }
const call = (name: string, json: string) => `<tool_call>\n{"name": "${name}", "arguments": ${json}}\n</tool_call>`

/** What a text turns out to be, when it comes in the given pieces. */
function read(pieces: readonly string[]) {
  const reader = new CallReader(marks)
  const calls: { name: string; arguments: string; id: string }[] = []
  let text = ''
  for (const piece of [...pieces.flatMap((each) => reader.push(each)), ...reader.finish()]) {
    if ('text' in piece) text += piece.text
    else {
      const { number, ...rest } = piece.call
      if (rest.arguments === '' && calls[number] === undefined) calls[number] = rest
      else calls[number].arguments += rest.arguments
    }
  }
  return { text, calls: calls.map(({ name, arguments: json }) => [name, json]), ids: calls.map(({ id }) => id) }
}

const cut = (text: string, at: readonly number[]) => {
  const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length))
}

describe('calls in a text', () => {
  const deep = '{"a": "}\\"]</tool_call>", "b": [{"c": "\\\\"}], "d": "<tool_call>"}'
  it.each([
    ['Hello.', 'Hello.', []],
    [call('f', '{}'), '', [['f', '{}']]],
    [`I look.\n${call('f', '{"x": 1}')}`, 'I look.', [['f', '{"x": 1}']]],
    [
      `${call('f', '{}')}\n${call('g', deep)}\n`,
      '',
      [
        ['f', '{}'],
        ['g', deep],
      ],
    ],
    [`${call('f', '{}')}\nDone.`, '\nDone.', [['f', '{}']]],
    ['<tool_call>{"arguments": {"x": 1}, "name": "f"}</tool_call>', '', [['f', '{"x":1}']]],
    ['<tool_call>{"name": "f", "parameters": {"x": 1}}</tool_call>', '', [['f', '{"x": 1}']]],
    ['<tool_call>{"name": "f", "arguments": "{\\"x\\": 1}"}</tool_call>', '', [['f', '{"x": 1}']]],
    ['<tool_call>{"name": "f"}</tool_call>', '', [['f', '{}']]],
    ['<tool_call>not JSON</tool_call> x', '<tool_call>not JSON</tool_call> x', []],
    ['a < b <tool', 'a < b <tool', []],
    ['x <tool_call>\n{"name": "f', 'x<tool_call>\n{"name": "f', []],
    [`<tool_call>\n{"name": "f", "arguments": {"a": "b`, '', [['f', '{"a": "b']]],
  ])('%j', (whole, text, calls) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (at) => {
        const found = read(cut(whole, at))
        expect([found.text, found.calls]).toEqual([text, calls])
      }),
    )
    expect(read([...whole])).toMatchObject({ text, calls })
  })

  it('have an id each', () => {
    const { ids } = read([`${call('f', '{}')}\n${call('f', '{}')}`])
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^call_[\w-]{24}$/)
  })
})

describe('the events of an answer', () => {
  const token = (text: string, choice = 0): EngineEvent => ({
    type: 'token',
    choice,
    text,
    logprob: { id: 1, bytes: new Uint8Array(1), logprob: -1 },
    top: [],
  })
  const end = (choice: number, finishReason: 'stop' | 'length'): EngineEvent => ({
    type: 'end',
    choice,
    text: '',
    finishReason,
    completionTokens: 3,
  })
  async function collect(events: EngineEvent[]) {
    const out: EngineEvent[] = []
    async function* source() {
      yield* events
    }
    for await (const event of withCalls(source(), marks)) out.push(event)
    return out
  }

  it('keep choices apart and end with tool_calls where one called', async () => {
    const out = await collect([
      token('a'),
      token('<tool_call>{"name": "f", "arguments": {', 1),
      token('b'),
      token('}}</tool_call>', 1),
      end(0, 'stop'),
      end(1, 'stop'),
    ])
    expect(out.map((event) => event.type === 'end' && event.finishReason).filter(Boolean)).toEqual([
      'stop',
      'tool_calls',
    ])
    const calls = out.flatMap((event) => (event.type === 'token' && event.call ? [event.call.arguments] : []))
    expect(calls.join('')).toBe('{}')
    expect(
      out
        .filter((event) => event.type === 'token' && event.choice === 0)
        .map((event) => event.type === 'token' && event.text),
    ).toEqual(['a', 'b'])
  })

  it('keep the reason of a call that was cut, and the probabilities of text alone', async () => {
    const out = await collect([token('x'), token('<tool_call>{"name": "f", "arguments": {"a'), end(0, 'length')])
    expect(out.at(-1)).toMatchObject({ finishReason: 'length' })
    expect(out.map((event) => event.type === 'token' && event.logprob !== null)).toEqual([true, false, false, false])
  })
})
