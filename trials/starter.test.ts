import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { conversations, type GeneratedMessage } from '#data/conversations'
import { EndpointError, endpoint, main, measureConversations, shareOf, table } from './starter.ts'

/** Knows the reference answers: the conversation is found by what the person has said so far. */
function oracle(seed: number, count: number) {
  const answers = new Map<string, string>()
  const said = (messages: GeneratedMessage[]) => JSON.stringify(messages.filter((one) => one.role !== 'assistant'))
  for (const language of ['en', 'zh'] as const)
    for (const { messages } of conversations({ seed, count, language, split: 'heldout' }))
      messages.forEach((message, i) => {
        if (message.role === 'assistant') answers.set(said(messages.slice(0, i)), message.content)
      })
  return async (messages: GeneratedMessage[]) => answers.get(said(messages)) ?? ''
}

afterEach(() => vi.restoreAllMocks())

test('the reference answers are all right, a fixed answer hardly ever is', async () => {
  const best = await measureConversations(oracle(3, 60), { perLanguage: 60, seed: 3 })
  expect(best.languages.en).toMatchObject({ right: 60, of: 60, share: 1 })
  expect(best.languages.zh.share).toBe(1)
  expect(best.judged.filter((one) => !one.right)).toEqual([])
  const worst = await measureConversations(async () => 'Hello! How can I help you?', { perLanguage: 60, seed: 3 })
  expect(worst.languages.en.share).toBeLessThan(0.15)
  expect(worst.languages.zh.share).toBeLessThan(0.05)
})

test("the model's own answers stay in the history", async () => {
  const seen: GeneratedMessage[][] = []
  const { judged } = await measureConversations(
    async (messages) => {
      seen.push(messages)
      return 'mine'
    },
    { perLanguage: 20, seed: 1 },
  )
  for (const messages of seen) {
    expect(messages.at(-1)?.role).toBe('user')
    for (const message of messages) if (message.role === 'assistant') expect(message.content).toBe('mine')
  }
  expect(seen.some((messages) => messages.length > 3)).toBe(true)
  expect(judged).toHaveLength(40)
})

test('Wilson intervals agree with worked values', () => {
  expect(shareOf(70, 100)).toMatchObject({
    share: 0.7,
    low: expect.closeTo(0.6042, 4),
    high: expect.closeTo(0.7811, 4),
  })
  expect(shareOf(0, 10)).toMatchObject({ low: 0, high: expect.closeTo(0.2775, 4) })
  expect(shareOf(0, 0)).toMatchObject({ low: 0, high: 1 })
  expect(table('skill', { copy: shareOf(70, 100) })).toBe('skill\ncopy     70 of 100    70.0 %  (60.4 % to 78.1 %)')
})

test('measures an endpoint, writes the failures, and names a refusal', async () => {
  const answer = oracle(1, 5)
  let refuse = false
  const server = createServer(async (request, response) => {
    if (refuse) return void response.writeHead(503).end('busy')
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ data: [{ id: 'starter' }] }))
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    expect(body).toMatchObject({ model: 'starter', temperature: 0 })
    const known = await answer(body.messages)
    response.end(JSON.stringify({ choices: [{ message: { content: body.messages.length === 1 ? known : 'wrong' } }] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const folder = mkdtempSync(join(tmpdir(), 'starter-'))
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
  await main(['--url', url, '--count', '5', '--failures', join(folder, 'failures.md')])
  expect(lines.join('\n')).toMatch(/figure starter\.right\.en = [\d.]+ share \(goal >= 0\.7\)/)
  expect(readFileSync(join(folder, 'failures.md'), 'utf8')).toContain('✗ The answer should')
  refuse = true
  await expect(endpoint(url)).rejects.toThrow(EndpointError)
  rmSync(folder, { recursive: true })
  await new Promise((resolve) => server.close(resolve))
  await expect(endpoint(url)).rejects.toThrow(/Nothing answers at .*npm start/)
})
