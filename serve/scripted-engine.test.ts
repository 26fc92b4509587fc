import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { engineContract } from './engine-contract.ts'
import { type Script, ScriptedEngine } from './scripted-engine.ts'
import { chatAsk } from './testing/scripted-requests.ts'
import { serveScript } from './testing/scripted-server.ts'

const never = new AbortController().signal
const words = (count: number) => Array.from({ length: count }, (_, at) => ` w${at}`)

async function collect(script: Script, signal = never) {
  const events: EngineEvent[] = []
  for await (const event of new ScriptedEngine(script).chat(chatAsk(), signal)) events.push(event)
  return events
}

describe('the contract of engines', () => {
  it.each(engineContract)('$name', async ({ check }) => {
    const engine = new ScriptedEngine({ tokens: () => words(200), delayMs: 3 })
    await check({ engine, model: 'scripted', produced: () => engine.produced })
    await engine.close()
  })
})

describe('what a script can do', () => {
  it('plays at its pace', async () => {
    const started = performance.now()
    await collect({ tokens: () => words(5), delayMs: (at) => (at === 2 ? 80 : 1) })
    expect(performance.now() - started).toBeGreaterThan(80)
  })

  it('says again what another engine said', async () => {
    const said = await collect({ tokens: () => ['a', 'b'], cachedTokens: 3 })
    expect(said).toHaveLength(4)
    expect(await collect({ tokens: () => [], replay: said })).toEqual(said)
  })

  it('cuts, stalls, talks nonsense and miscounts', async () => {
    const cut = await collect({ tokens: () => words(5), faults: [{ type: 'cut', after: 2 }] })
    expect(cut.map(({ type }) => type)).toEqual(['start', 'token', 'token'])
    const stalled = collect({ tokens: () => words(5), faults: [{ type: 'stall', after: 1 }] }, AbortSignal.timeout(50))
    expect((await stalled).map(({ type }) => type)).toEqual(['start', 'token'])
    const noise = await collect({ tokens: () => words(2), faults: [{ type: 'garbage', after: 1 }] })
    expect(noise.map(({ type }) => type)).toEqual(['start', 'token', 'noise', 'token', 'end'])
    const wrong = await collect({ tokens: () => words(2), faults: [{ type: 'wrong-usage', completionTokens: 900 }] })
    expect(wrong.at(-1)).toMatchObject({ type: 'end', completionTokens: 900 })
  })

  it('ends every reply over HTTP whole or with a typed error, whatever goes wrong', async () => {
    for (const type of ['cut', 'garbage'] as const) {
      const server = await serveScript({ tokens: () => words(5), faults: [{ type, after: 2 }] })
      const reply = await server.post('/v1/chat/completions', {
        model: 'scripted',
        messages: [{ role: 'user', content: 'hi' }],
      })
      expect(await reply.json()).toMatchObject({ error: { code: expect.any(String), param: null } })
      await server.close()
    }
  })
})
