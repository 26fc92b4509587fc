import { describe, expect, it } from 'vitest'
import { ScriptedDecoder } from '../testing/scripted-decoder.ts'
import { scriptedPrompts } from '../testing/scripted-prompts.ts'
import { chatAsk, completionAsk } from '../testing/scripted-requests.ts'
import type { Report } from './protocol.ts'
import { resolveSampling, Scheduler } from './scheduler.ts'

function setUp(options: { slots?: number; stepMs?: number; length?: number } = {}) {
  const decoder = new ScriptedDecoder(options.slots ?? 8, options.stepMs, options.length)
  const posts: Report[][] = []
  const scheduler = new Scheduler(decoder, scriptedPrompts(decoder.contextLength), (reports) => posts.push(reports))
  const of = (id: number) => posts.flat().filter((report) => report.id === id)
  const text = (id: number, choice = 0) =>
    of(id)
      .flatMap((report) => report.events)
      .map((event) => (event.type !== 'start' && event.choice === choice ? event.text : ''))
      .join('')
  const last = (id: number) => of(id).at(-1)?.events.at(-1)
  return { decoder, scheduler, posts, of, text, last }
}

describe('one batch', () => {
  it('decodes what arrives together in the same steps and reports a step in one call', async () => {
    const { decoder, scheduler, posts, text, last } = setUp({ length: 5 })
    for (let id = 1; id <= 6; id++) scheduler.chat(id, chatAsk())
    await scheduler.idle()
    expect(Math.max(...decoder.batches)).toBe(6)
    expect(decoder.batches).toHaveLength(6)
    // Six starts, five steps of tokens, one of ends.
    expect(posts.map((reports) => reports.length)).toEqual([1, 1, 1, 1, 1, 1, 6, 6, 6, 6, 6, 6])
    for (let id = 1; id <= 6; id++) expect(text(id)).toBe(' 1 2 3 4 5')
    expect(last(3)).toMatchObject({ type: 'end', finishReason: 'stop', completionTokens: 5 })
    expect(scheduler.size).toBe(0)
  })

  it('lets a request join while others are decoded', async () => {
    const { decoder, scheduler, text } = setUp({ length: 6, stepMs: 2 })
    scheduler.chat(1, chatAsk())
    await new Promise((resolve) => setTimeout(resolve, 6))
    scheduler.chat(2, chatAsk())
    await scheduler.idle()
    expect(text(1)).toBe(' 1 2 3 4 5 6')
    expect(text(2)).toBe(' 1 2 3 4 5 6')
    expect(decoder.batches).toContain(2)
    expect(decoder.batches.length).toBeLessThan(14)
  })

  it('starts again after it was idle', async () => {
    const { scheduler, text } = setUp({ length: 2 })
    scheduler.chat(1, chatAsk())
    await scheduler.idle()
    scheduler.chat(2, chatAsk())
    await scheduler.idle()
    expect(text(2)).toBe(' 1 2')
  })

  it('frees a cancelled request’s slots within one step and reports nothing more of it', async () => {
    const { decoder, scheduler, of, text } = setUp({ stepMs: 3, slots: 2 })
    scheduler.chat(1, chatAsk({ choices: 2 }))
    scheduler.chat(2, chatAsk({ maxTokens: 3 }))
    await new Promise((resolve) => setTimeout(resolve, 15))
    expect(decoder.pending).toBe(3)
    scheduler.cancel(1)
    const [reported, steps] = [of(1).length, decoder.batches.length]
    await scheduler.idle()
    expect(of(1)).toHaveLength(reported)
    expect(text(2)).toBe(' 1 2 3')
    // One step under way, one that ends the cancelled two, three tokens and an end.
    expect(decoder.batches.length - steps).toBeLessThanOrEqual(6)
  })

  it('ends a request, with all its choices, where one sequence fails; the others go on', async () => {
    const { decoder, scheduler, of, text } = setUp({ length: 4 })
    decoder.failing = 2
    scheduler.chat(1, chatAsk())
    scheduler.chat(2, chatAsk({ choices: 3 }))
    scheduler.chat(3, chatAsk())
    await scheduler.idle()
    expect(of(2).at(-1)?.refusal).toMatchObject({ code: 'engine_failed', detail: expect.stringContaining('NaN') })
    expect(of(2).filter(({ refusal }) => refusal)).toHaveLength(1)
    expect(of(2).flatMap(({ events }) => events)).not.toContainEqual(expect.objectContaining({ type: 'end' }))
    expect([text(1), text(3), scheduler.size]).toEqual([' 1 2 3 4', ' 1 2 3 4', 0])
    expect(decoder.pending).toBe(0)
  })

  it('rejects when the decoder breaks', async () => {
    const { decoder, scheduler } = setUp()
    decoder.breakAt = 3
    scheduler.chat(1, chatAsk())
    await expect(scheduler.idle()).rejects.toThrow('the decoder broke')
  })

  it('closes the decoder after the step under way', async () => {
    const { decoder, scheduler } = setUp({ stepMs: 3 })
    scheduler.chat(1, chatAsk())
    await scheduler.close()
    expect(decoder.closed).toBe(true)
    expect(decoder.batches.length).toBeLessThanOrEqual(1)
  })
})

describe('what the decoder is asked', () => {
  it('fills open settings from the model’s own and gives each choice its seed', async () => {
    const { decoder, scheduler } = setUp({ length: 1 })
    const sampling = { ...chatAsk().sampling, temperature: 0.2, seed: 2 ** 32 - 1 }
    scheduler.chat(1, chatAsk({ sampling, choices: 2, stop: ['x'], topLogprobs: 3 }))
    await scheduler.idle()
    expect(decoder.requests.map((request) => request.sampling)).toMatchObject([
      { temperature: 0.2, topP: 0.9, seed: 2 ** 32 - 1 },
      { temperature: 0.2, topP: 0.9, seed: 0 },
    ])
    expect(decoder.requests[0]).toMatchObject({ stop: ['x'], stopIds: [0], topLogprobs: 3, maxTokens: 62 })
  })

  it('reads a nucleus of nothing as the likeliest token', () => {
    const wish = { ...chatAsk().sampling, topP: 0 }
    expect(resolveSampling(wish, scriptedPrompts(64).defaults, 0)).toMatchObject({ topK: 1, topP: 1 })
  })

  it('numbers choices through prompts, counts prompts once and echoes', async () => {
    const { decoder, scheduler, of } = setUp({ length: 1 })
    scheduler.complete(1, completionAsk({ prompts: ['abc', [100, 101]], choices: 2, echo: true, maxTokens: 500 }))
    await scheduler.idle()
    expect(of(1)[0].events[0]).toMatchObject({ type: 'start', promptTokens: 5, echo: ['abc', 'de'] })
    const ends = of(1).flatMap((report) => report.events.filter((event) => event.type === 'end'))
    expect(ends.map((event) => event.choice).sort()).toEqual([0, 1, 2, 3])
    expect(decoder.requests.map((request) => request.promptIds.length)).toEqual([3, 3, 2, 2])
    expect(decoder.requests.map((request) => request.maxTokens)).toEqual([61, 61, 62, 62])
  })

  it('makes a gap of prompt and suffix', async () => {
    const { decoder, scheduler } = setUp({ length: 1 })
    scheduler.complete(1, completionAsk({ prompts: ['f('], suffix: ')' }))
    await scheduler.idle()
    expect(Buffer.from(decoder.requests[0].promptIds).toString()).toBe('<f(|)>')
  })

  it('drops none where that is not asked for, and says how long they are and the window is', async () => {
    const { decoder, scheduler, of } = setUp({ length: 1 })
    const messages = Array.from({ length: 9 }, () => ({ role: 'user' as const, content: 'x'.repeat(10) }))
    scheduler.chat(1, chatAsk({ messages, truncation: 'disabled' }))
    await scheduler.idle()
    expect(decoder.requests).toEqual([])
    expect(of(1)[0].refusal).toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
    expect(of(1)[0].refusal?.detail).toMatch(/64 tokens.* 90\b.*'truncation': 'auto'/)
  })

  it('says how many messages were dropped', async () => {
    const { scheduler, of } = setUp({ length: 1 })
    const messages = Array.from({ length: 9 }, () => ({ role: 'user' as const, content: 'x'.repeat(10) }))
    scheduler.chat(1, chatAsk({ messages }))
    await scheduler.idle()
    expect(of(1)[0].events[0]).toMatchObject({ type: 'start', droppedMessages: 5, promptTokens: 40 })
  })
})

describe('what does not fit the model', () => {
  const long = 'x'.repeat(64)
  it.each([
    ['a long message', 'messages', 'context_length_exceeded', chatAsk({ messages: [{ role: 'user', content: long }] })],
    ['an empty message', 'messages', 'invalid_value', chatAsk({ messages: [{ role: 'user', content: '' }] })],
    [
      'a bias beyond the vocabulary',
      'logit_bias',
      'invalid_value',
      chatAsk({ sampling: { ...chatAsk().sampling, logitBias: new Map([[256, 1]]) } }),
    ],
  ])('%s is refused', async (_name, param, code, request) => {
    const { decoder, scheduler, of } = setUp()
    scheduler.chat(1, request)
    expect(of(1)).toMatchObject([{ events: [], refusal: { code, param } }])
    expect([scheduler.size, decoder.requests.length]).toEqual([0, 0])
  })

  it('refuses token ids beyond the vocabulary and prompts that are too long', () => {
    const { decoder, scheduler, of } = setUp()
    scheduler.complete(1, completionAsk({ prompts: [[1, 256]] }))
    scheduler.complete(2, completionAsk({ prompts: ['ok', long] }))
    expect(of(1)[0].refusal).toMatchObject({ code: 'invalid_value', param: 'prompt' })
    expect(of(2)[0].refusal).toMatchObject({ code: 'context_length_exceeded', param: 'prompt' })
    expect(decoder.requests).toHaveLength(0)
  })
})

describe('what was used', () => {
  it('stands on a request’s last end, once for each prompt however many answers it has', async () => {
    const { decoder, scheduler, of } = setUp({ length: 2 })
    decoder.cached = (request) => (request.promptIds[0] === 97 ? 2 : 1)
    scheduler.complete(1, completionAsk({ prompts: ['abc', 'defg'], choices: 2, owner: 'o', background: true }))
    await scheduler.idle()
    const ends = of(1).flatMap((report) => report.events.filter((event) => event.type === 'end'))
    expect(ends.map(({ usage }) => usage)).toEqual([
      undefined,
      undefined,
      undefined,
      { promptTokens: 7, cachedTokens: 3 },
    ])
    expect(decoder.requests.every(({ owner, background }) => owner === 'o' && background === true)).toBe(true)
  })
})
