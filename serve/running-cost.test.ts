import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { hourly, readRunningCost } from '#serve/running-cost'
import { Pace } from './metering/pace.ts'

test.each([
  ['0.90 EUR/h', 0.9],
  ['65 W at 0.30 EUR/kWh', 0.0195],
  ['200W at 1 CNY/kWh', 0.2],
])('%s is so much an hour', (text, perHour) => {
  expect(hourly(readRunningCost(text)!)).toBeCloseTo(perHour, 10)
})

test.each(['', '0.9', '0.9 eur/h', '-1 EUR/h', '1e3 EUR/h', '65 W', '65 W at 0.3 EUR'])('%j is no cost', (text) => {
  expect(readRunningCost(text)).toBeNull()
})

test('the tokens that were computed cost together what the machine cost meanwhile', async () => {
  const pace = new Pace('EUR', 3600)
  async function* answer(): AsyncGenerator<EngineEvent> {
    yield { type: 'start', promptTokens: 100, cachedTokens: 40, droppedMessages: 0, echo: [] }
    await wait(20)
    for (let at = 0; at < 250; at++) {
      if (at % 50 === 0) await wait(10)
      yield { type: 'token', choice: 0, text: 'a', logprob: null, top: [] }
    }
    yield { type: 'end', choice: 0, text: '', finishReason: 'stop', completionTokens: 250 }
  }
  expect(pace.rate()).toBeNull()
  const began = performance.now()
  for await (const _ of pace.watch(answer()));
  const seconds = (performance.now() - began) / 1000
  const rate = pace.rate()!
  // One EUR a second.
  const cost = (60 * rate.input + 250 * rate.output) / 1e15
  expect(cost).toBeGreaterThanOrEqual(0.05)
  expect(cost).toBeLessThanOrEqual(seconds + 0.001)
  expect([rate.cached, rate.currency]).toEqual([0, 'EUR'])
})
