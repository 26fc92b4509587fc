import { expect, test } from 'vitest'
import { namesOfWays } from './conversations/ways.ts'
import { declaredWordings, openers, wordingKey } from './conversations/wording.ts'
import { conversations, type GeneratedConversation } from './conversations.ts'
import { judge } from './judge.ts'

const some = (split: 'train' | 'heldout', count: number, seed = 1) => [...conversations({ seed, count, split })]

function wrongTurns(conversation: GeneratedConversation, answers: string[]): number {
  return conversation.turns.filter(({ turn }, i) =>
    conversation.checks.some((check) => check.turn === turn && !judge(check, answers[i]).right),
  ).length
}

test('the same options give the same conversations, another seed gives others', () => {
  const first = JSON.stringify(some('train', 300))
  expect(JSON.stringify(some('train', 300))).toBe(first)
  expect(JSON.stringify(some('train', 300, 2))).not.toBe(first)
})

test.each(['train', 'heldout'] as const)('every reference answer of %s passes its own checks', (split) => {
  const failures: string[] = []
  for (const conversation of some(split, 8000))
    for (const check of conversation.checks) {
      const verdict = judge(check, conversation.messages[check.turn].content)
      if (!verdict.right) failures.push(`${JSON.stringify(conversation.messages)} ${verdict.reason}`)
    }
  expect(failures).toEqual([])
})

test('an answer that belongs to another question mostly fails', () => {
  const all = some('heldout', 4000)
  const answers = all.flatMap((one) => one.turns.map(({ turn }) => one.messages[turn].content))
  let wrong = 0
  let next = 0
  for (const conversation of all) {
    const shuffled = conversation.turns.map(() => answers[(next++ + 977) % answers.length])
    wrong += wrongTurns(conversation, shuffled)
  }
  expect(wrong / answers.length).toBeGreaterThan(0.93)
})

test('no wording is in both splits, whatever its case, punctuation and opener', () => {
  for (const language of ['en', 'zh'] as const) {
    const trained = new Set<string>()
    for (const one of declaredWordings())
      for (const text of one.split?.[language].train.flat() ?? []) {
        trained.add(wordingKey(text))
        for (const opener of openers[language]) trained.add(wordingKey(opener + text))
      }
    for (const one of declaredWordings())
      for (const text of [...(one.split?.[language].whole ?? []), ...(one.split?.[language].hashed ?? [])].flat())
        if (!/^\$*$/.test(wordingKey(text))) expect(trained.has(wordingKey(text)), `${one.name}: ${text}`).toBe(false)
  }
})

test('every paraphrase belongs to an intent', () => {
  const names = new Set(declaredWordings().map((one) => one.name))
  expect(namesOfWays().filter((name) => !names.has(name))).toEqual([])
})

test('no held-out wording or message appears in 20,000 training conversations', () => {
  const wordings = new Set<string>()
  const messages = new Set<string>()
  for (const one of some('train', 20_000, 3)) {
    for (const turn of one.turns) {
      wordings.add(wordingKey(turn.wording))
      messages.add(wordingKey(one.messages[turn.turn - 1].content))
    }
  }
  const seen: string[] = []
  for (const one of some('heldout', 3000, 4))
    for (const turn of one.turns) {
      const message = one.messages[turn.turn - 1].content
      if (wordings.has(wordingKey(turn.wording)) || messages.has(wordingKey(message)))
        seen.push(`${turn.skill} ${turn.wording}: ${message}`)
    }
  expect(seen).toEqual([])
})

test('conversations alternate roles, end with an answer and stay short enough to train on', () => {
  for (const one of some('train', 4000)) {
    const spoken = one.messages.filter((message) => message.role !== 'system')
    spoken.forEach((message, i) => {
      expect(message.role).toBe(i % 2 === 0 ? 'user' : 'assistant')
      expect(message.content.trim()).toBe(message.content)
      expect(message.content).not.toMatch(/[$|{}]\w*[$|{}]|undefined|NaN|\[object/)
    })
    expect(spoken.length % 2).toBe(0)
    expect(one.messages.reduce((sum, message) => sum + message.content.length, 0)).toBeLessThan(2000)
  }
})

test('at least 3,000 conversations a second', () => {
  some('train', 2000)
  const start = performance.now()
  const count = some('train', 6000, 9).length
  expect(count / ((performance.now() - start) / 1000)).toBeGreaterThan(3000)
})
