import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type {
  ChatRequest,
  CompletionRequest,
  Engine,
  EngineEnd,
  EngineEvent,
  EngineToken,
  SamplingWish,
} from '#serve/engine'
import { ApiError } from '#wire/errors'

/** An engine on trial, fresh for each clause. */
export interface Contestant {
  engine: Engine
  model: string
  /** Tokens computed so far, by whatever computes them. Answers have a hundred tokens or more and take their time. */
  produced(): number
}

export interface Clause {
  name: string
  check(contestant: Contestant): Promise<void>
}

const never = new AbortController().signal
const greedy: SamplingWish = {
  temperature: 0,
  topK: null,
  topP: null,
  minP: null,
  repetitionPenalty: null,
  presencePenalty: null,
  frequencyPenalty: null,
  logitBias: new Map(),
  seed: 7,
}
const open = { sampling: greedy, maxTokens: null, stop: [], topLogprobs: null, choices: 1 }

const chat = ({ model }: Contestant, more: Partial<ChatRequest> = {}): ChatRequest => ({
  ...open,
  model,
  messages: [{ role: 'user', content: 'Hello there' }],
  ...more,
})

const completion = ({ model }: Contestant, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  ...open,
  model,
  prompts: ['Hello'],
  suffix: null,
  echo: false,
  ...more,
})

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const all: EngineEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const tokensOf = (events: EngineEvent[], choice = 0): EngineToken[] =>
  events.filter((event): event is EngineToken => event.type === 'token' && event.choice === choice)
const endsOf = (events: EngineEvent[]): EngineEnd[] =>
  events.filter((event): event is EngineEnd => event.type === 'end')
const textOf = (events: EngineEvent[], choice = 0): string =>
  events.map((event) => (event.type !== 'start' && event.choice === choice ? event.text : '')).join('')

/** One start first, for each choice one end with nothing behind it, no choice that was not asked for. */
function assertOrder(events: EngineEvent[], choices: number): void {
  assert.equal(events[0]?.type, 'start')
  const ended = new Set<number>()
  for (const event of events.slice(1)) {
    assert.ok(event.type === 'token' || event.type === 'end', `an event of type '${event.type}' in mid-answer`)
    assert.ok(event.choice >= 0 && event.choice < choices, `choice ${event.choice} of ${choices}`)
    assert.ok(!ended.has(event.choice), `choice ${event.choice} went on after its end`)
    if (event.type === 'end') ended.add(event.choice)
  }
  assert.equal(ended.size, choices)
}

async function becomes(condition: () => boolean, what: string, withinMs = 2000): Promise<void> {
  const until = performance.now() + withinMs
  while (!condition()) {
    assert.ok(performance.now() < until, `${what}: not within ${withinMs} ms`)
    await wait(5)
  }
}

const refused = (code: string) => (error: unknown) => error instanceof ApiError && error.code === code

/**
 * After a reader has left (`leave` says how much was computed by then): nothing is held for it, and what computes stops
 * within two tokens and the one under way. What else the machine does can only delay the word: the best of five counts.
 */
async function assertFreed({ engine, produced }: Contestant, leave: () => Promise<number>): Promise<void> {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 1; attempt <= 5 && least > 3; attempt++) {
    const before = await leave()
    await becomes(() => engine.status().active === 0, 'the answer is freed')
    await wait(150)
    least = Math.min(least, produced() - before)
    assert.equal(engine.stats().cancelled, attempt)
  }
  assert.ok(least <= 3, `${least} tokens were computed after the reader had left`)
}

const talking: Clause[] = [
  {
    name: 'names its model, and what may be asked of it, once it is ready',
    async check({ engine, model }) {
      await engine.ready()
      assert.deepEqual(engine.status(), { state: 'ready', problem: null, active: 0, waiting: 0 })
      const info = engine.models().find(({ id }) => id === model)
      assert.equal(info?.state, 'ready')
      assert.ok(info.capabilities.includes('chat') && info.capabilities.includes('completions'))
    },
  },
  {
    name: 'answers with a start, tokens and an end, and counts them',
    async check(contestant) {
      const { engine } = contestant
      const events = await collect(engine.chat(chat(contestant, { maxTokens: 12 }), never))
      assertOrder(events, 1)
      const [end] = endsOf(events)
      assert.ok(end.completionTokens > 0 && end.completionTokens <= 12)
      assert.ok(textOf(events).length > 0)
      const start = events[0] as Extract<EngineEvent, { type: 'start' }>
      const promptTokens = end.usage?.promptTokens ?? start.promptTokens
      assert.ok(promptTokens > 0)
      const { requests, cancelled, failed, completionTokens, ...counted } = engine.stats()
      const expected = [1, 0, 0, end.completionTokens, promptTokens]
      assert.deepEqual([requests, cancelled, failed, completionTokens, counted.promptTokens], expected)
    },
  },
  {
    name: 'ends at the most tokens that were asked for, and says so',
    async check(contestant) {
      const events = await collect(contestant.engine.complete(completion(contestant, { maxTokens: 3 }), never))
      assert.deepEqual(
        endsOf(events).map(({ finishReason, completionTokens }) => [finishReason, completionTokens]),
        [['length', 3]],
      )
    },
  },
  {
    name: 'gives several answers to several prompts, each with its number and its end',
    async check(contestant) {
      const two = await collect(contestant.engine.chat(chat(contestant, { choices: 2, maxTokens: 4 }), never))
      assertOrder(two, 2)
      const asked = completion(contestant, { prompts: ['Hello', 'there'], choices: 2, maxTokens: 4 })
      assertOrder(await collect(contestant.engine.complete(asked, never)), 4)
    },
  },
  {
    name: 'ends before a stop string, no part of which is shown',
    async check(contestant) {
      const text = textOf(await collect(contestant.engine.complete(completion(contestant, { maxTokens: 20 }), never)))
      const stop = text.slice(Math.floor(text.length / 2), Math.floor(text.length / 2) + 3)
      const asked = completion(contestant, { maxTokens: 20, stop: [stop] })
      const events = await collect(contestant.engine.complete(asked, never))
      assert.equal(textOf(events), text.slice(0, text.indexOf(stop)))
      const [end] = endsOf(events)
      assert.equal(end.finishReason, 'stop')
      // An upstream may not know it.
      assert.equal(end.stop ?? stop, stop)
    },
  },
  {
    name: 'reports log-probabilities with their alternatives where they are asked for, and none otherwise',
    async check(contestant) {
      const asked = (topLogprobs: number | null) =>
        collect(contestant.engine.chat(chat(contestant, { maxTokens: 5, topLogprobs }), never))
      for (const token of tokensOf(await asked(null))) assert.equal(token.logprob, null)
      const reported = tokensOf(await asked(2)).filter((token) => token.logprob !== null)
      assert.equal(reported.length, 5)
      for (const { logprob, top } of reported) {
        assert.ok(logprob !== null && logprob.logprob <= 0 && logprob.bytes.length > 0)
        assert.equal(top.length, 2)
        assert.ok(top[0].logprob >= top[1].logprob)
      }
    },
  },
]

const leaving: Clause[] = [
  {
    name: 'stops within two tokens when its signal is aborted',
    async check(contestant) {
      await contestant.engine.ready()
      await assertFreed(contestant, async () => {
        const controller = new AbortController()
        let before = 0
        let seen = 0
        try {
          for await (const event of contestant.engine.chat(chat(contestant), controller.signal)) {
            if (event.type !== 'token' || ++seen !== 3) continue
            before = contestant.produced()
            controller.abort()
          }
        } catch (error) {
          assert.ok(refused('client_closed_request')(error), String(error))
        }
        return before
      })
    },
  },
  {
    name: 'stops within two tokens when its reader leaves the loop',
    async check(contestant) {
      await contestant.engine.ready()
      await assertFreed(contestant, async () => {
        let seen = 0
        for await (const event of contestant.engine.complete(completion(contestant, { maxTokens: 100 }), never))
          if (event.type === 'token' && ++seen === 3) break
        return contestant.produced()
      })
    },
  },
  {
    name: 'computes nothing for a request that was given up before',
    async check(contestant) {
      await contestant.engine.ready()
      const given = AbortSignal.abort()
      const events = await collect(contestant.engine.chat(chat(contestant), given)).catch(() => [])
      assert.equal(endsOf(events).length, 0)
      await becomes(() => contestant.engine.status().active === 0, 'the answer is freed')
      assert.ok(contestant.produced() <= 2)
    },
  },
  {
    name: 'lets others go on when one leaves',
    async check(contestant) {
      const controller = new AbortController()
      const asked = () => chat(contestant, { maxTokens: 10 })
      const left = collect(contestant.engine.chat(asked(), controller.signal)).catch(() => [])
      const others = [1, 2, 3].map(() => collect(contestant.engine.chat(asked(), never)))
      controller.abort()
      const texts = (await Promise.all(others)).map((events) => textOf(events))
      assert.ok(texts[0].length > 0)
      assert.deepEqual(new Set(texts).size, 1)
      await left
    },
  },
  {
    name: 'ends what it was answering with shutting_down when it closes, and takes nothing more',
    async check(contestant) {
      const { engine } = contestant
      await engine.ready()
      const iterator = engine.chat(chat(contestant), never)[Symbol.asyncIterator]()
      await iterator.next()
      const rest = (async () => {
        while ((await iterator.next()).done !== true);
      })()
      rest.catch(() => {})
      await engine.close()
      await assert.rejects(rest, refused('shutting_down'))
      await assert.rejects(async () => collect(engine.chat(chat(contestant), never)), refused('shutting_down'))
    },
  },
]

/** What holds of engines that write nothing, too. */
export const readingContract: readonly Clause[] = [
  {
    name: 'embeds texts, or refuses by the name of the field',
    async check({ engine, model }) {
      await engine.ready()
      const able = engine.models().some(({ id, capabilities }) => id === model && capabilities.includes('embeddings'))
      const asked = { model, inputs: ['one', 'two', 'one'], dimensions: null }
      if (!able) return assert.rejects(engine.embed(asked, never), { code: 'unsupported_value', param: 'model' })
      const { vectors, promptTokens } = await engine.embed(asked, never)
      assert.equal(vectors.length, 3)
      assert.ok(promptTokens > 0 && vectors[0].length > 0)
      assert.deepEqual(vectors[0], vectors[2])
      assert.notDeepEqual(vectors[0], vectors[1])
    },
  },
  {
    name: 'shows the token ids of texts, or refuses by the name of the field',
    async check({ engine, model }) {
      await engine.ready()
      const able = engine.models().some(({ id, capabilities }) => id === model && capabilities.includes('tokenize'))
      const asked = { model, texts: ['one two', 'three'] }
      if (!able) return assert.rejects(engine.tokenize(asked, never), { code: 'unsupported_value', param: 'model' })
      const ids = await engine.tokenize(asked, never)
      assert.equal(ids.length, 2)
      assert.ok(ids.every((each) => each.length > 0 && each.every((id) => Number.isSafeInteger(id) && id >= 0)))
      assert.deepEqual(await engine.tokenize(asked, never), ids)
    },
  },
]

/** What every engine owes its callers. The test of each engine runs all of it. */
export const engineContract: readonly Clause[] = [...talking, ...leaving, ...readingContract]
