import { expect, test } from 'vitest'
import { type DecodeEvent, type DecodeRequest, greedy, type Sampling } from '../decoding.ts'
import { Sampler } from './sampler.ts'
import { Sequence } from './sequence.ts'

/** A vocabulary of pieces: text, bytes, and at the end two control tokens. */
const pieces: (string | number[])[] = ['a', 'b', 'EN', 'D!', [0xe9, 0xbe], [0x8d], '<|end|>', '<|other|>']
const bytesOf = (id: number): Uint8Array => {
  const piece = pieces[id]
  return typeof piece === 'string' ? new TextEncoder().encode(piece) : Uint8Array.from(piece)
}
const [a, b, en, d, dragonHead, dragonTail, end, other] = pieces.keys()

function sequenceOf(change: Partial<DecodeRequest>, contextLength = 100): Sequence {
  const request: DecodeRequest = {
    promptIds: Uint32Array.of(a, b, a),
    maxTokens: 50,
    sampling: greedy,
    stop: [],
    stopIds: [],
    topLogprobs: null,
    ...change,
  }
  return new Sequence(7, request, {
    contextLength,
    sampler: new Sampler(pieces.length),
    tokenBytes: bytesOf,
    textBytes: (id) => (id >= end ? new Uint8Array(0) : bytesOf(id)),
  })
}

/** Logits under which greedy decoding takes this token. */
const wanting = (id: number): Float32Array => Float32Array.from(pieces, (_, i) => (i === id ? 5 : 0))

/** Feeds tokens until the sequence ends; what was not fed any more is left out of the events. */
function say(sequence: Sequence, ids: number[]): DecodeEvent[] {
  const events: DecodeEvent[] = []
  for (const id of ids) if (!sequence.accept(wanting(id), events)) break
  return events
}

const textOf = (events: DecodeEvent[]): string => events.map((e) => e.text).join('')

test('a stop string over two tokens ends the answer and is not part of it', () => {
  const events = say(sequenceOf({ stop: ['END'] }), [a, en, d, b])
  expect(events.map((e) => e.text)).toEqual(['a', '', '', ''])
  expect(events.at(-1)).toMatchObject({
    type: 'end',
    finishReason: 'stop',
    stop: 'END',
    promptTokens: 3,
    completionTokens: 3,
  })
})

test('what was held back for a stop string that did not come is given at the end', () => {
  const events = say(sequenceOf({ stop: ['END'], maxTokens: 2 }), [a, en])
  expect(events.map((e) => e.text)).toEqual(['a', '', 'EN'])
  expect(events.at(-1)).toMatchObject({ finishReason: 'length', completionTokens: 2 })
})

test('a stop token ends the answer, counts as generated, and has no event of its own', () => {
  const events = say(sequenceOf({ stopIds: [end] }), [a, b, end])
  expect(events.map((e) => e.type)).toEqual(['token', 'token', 'end'])
  expect(textOf(events)).toBe('ab')
  expect(events.at(-1)).toMatchObject({ finishReason: 'stop', completionTokens: 3 })
})

test('a character in two tokens is shown whole, half of one becomes U+FFFD', () => {
  expect(say(sequenceOf({}), [dragonHead, dragonTail]).map((e) => e.text)).toEqual(['', '龍'])
  expect(say(sequenceOf({ maxTokens: 1 }), [dragonHead]).map((e) => e.text)).toEqual(['', '\ufffd'])
})

test('control tokens add nothing to the text', () => {
  const events = say(sequenceOf({ maxTokens: 3 }), [a, other, b])
  expect(textOf(events)).toBe('ab')
})

test('the context is a limit: prompt and answer fill it to the last place', () => {
  const events = say(sequenceOf({}, 5), [a, b, a])
  expect(events.length).toBe(3)
  expect(events.at(-1)).toMatchObject({ finishReason: 'length', promptTokens: 3, completionTokens: 2 })
})

test('a cancelled sequence gives what it held', () => {
  const sequence = sequenceOf({ stop: ['END'] })
  const events = say(sequence, [a, en])
  sequence.finish('cancelled', events)
  expect(events.at(-1)).toMatchObject({ type: 'end', sequence: 7, text: 'EN', finishReason: 'cancelled' })
})

/** The logits that are left after one accepted row of `before`. */
function changed(sampling: Partial<Sampling>, before: number[], said: number[] = []): number[] {
  const sequence = sequenceOf({ sampling: { ...greedy, ...sampling } })
  say(sequence, said)
  const logits = Float32Array.from({ length: pieces.length }, (_, i) => before[i] ?? 0)
  sequence.accept(logits, [])
  return [...logits].slice(0, before.length)
}

test('repetition divides what is positive and multiplies what is negative, prompt included', () => {
  // a and b stand in the prompt; "EN" does not.
  expect(changed({ repetitionPenalty: 2 }, [4, -3, 4])).toEqual([2, -6, 4])
  expect(changed({ repetitionPenalty: 2 }, [4, -3, 4], [en])).toEqual([2, -6, 2])
})

test('presence counts once and frequency each time, the answer alone', () => {
  expect(changed({ presencePenalty: 1.5 }, [4, 4, 4], [en, en])).toEqual([4, 4, 2.5])
  expect(changed({ frequencyPenalty: 0.5 }, [4, 4, 4], [en, en])).toEqual([4, 4, 3])
  expect(changed({ presencePenalty: 1, frequencyPenalty: 0.5 }, [4, 4, 4], [b])).toEqual([4, 2.5, 4])
})

test('a bias is added after the penalties', () => {
  expect(changed({ repetitionPenalty: 2, logitBias: new Map([[a, 3]]) }, [4, 0, 0])).toEqual([5, 0, 0])
})

test('log-probabilities are those of the model, whatever penalties and temperature say', () => {
  const probabilities = [0.4, 0.3, 0.1, 0.05, 0.05, 0.05, 0.03, 0.02]
  const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 3)
  const sampling = { ...greedy, temperature: 0.3, topK: 1, logitBias: new Map([[en, 100]]) }
  const events: DecodeEvent[] = []
  sequenceOf({ topLogprobs: 3, sampling }).accept(logits, events)
  const [event] = events
  if (event.type !== 'token') throw new Error('no token')
  expect(event.id).toBe(en)
  expect(event.logprob?.logprob).toBeCloseTo(Math.log(0.1), 5)
  expect(new TextDecoder().decode(event.logprob?.bytes)).toBe('EN')
  expect(event.top.map((t) => t.id)).toEqual([a, b, en])
  for (const [i, t] of event.top.entries()) expect(t.logprob).toBeCloseTo(Math.log(probabilities[i]), 5)
})

test('no log-probabilities unless asked for; zero alternatives give the chosen alone', () => {
  const none = say(sequenceOf({}), [a])[0]
  expect(none).toMatchObject({ logprob: null, top: [] })
  const zero = say(sequenceOf({ topLogprobs: 0 }), [a])[0]
  expect(zero).toMatchObject({ logprob: { id: a }, top: [] })
})
