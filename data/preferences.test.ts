import { expect, test } from 'vitest'
import { conversations } from './conversations.ts'
import { judge } from './judge.ts'
import { gradedPreferences, preferenceDocuments } from './preferences.ts'

const made = (split: 'train' | 'heldout', seed = 3, count = 80) => [...gradedPreferences({ seed, count, split })]

test('the rules find every first answer right, and every other one wrong', () => {
  const known = new Map([...conversations({ seed: 3, count: 400, split: 'train' })].map((one) => [one.id, one]))
  const all = made('train')
  expect(all).toHaveLength(80)
  for (const { id, prompt, right, wrong } of all) {
    const checks = known.get(id)?.checks.filter(({ turn }) => turn === prompt.length) ?? []
    expect(checks.length, id).toBeGreaterThan(0)
    const rightly = (answer: string) => checks.every((check) => judge(check, answer).right)
    expect(rightly(right), `${id}: ${right}`).toBe(true)
    for (const { answer } of wrong) expect(rightly(answer), `${id}: ${answer}`).toBe(false)
    expect(new Set([right, ...wrong.map(({ answer }) => answer)]).size).toBe(wrong.length + 1)
  }
  expect(all.filter(({ wrong }) => wrong.length === 3).length).toBeGreaterThan(60)
})

test('wrong answers are wrong in many ways, in both languages', () => {
  const all = made('train', 4, 150)
  const flaws = new Set(all.flatMap(({ wrong }) => wrong.map(({ flaw }) => flaw)))
  expect([...flaws].sort()).toEqual(['cut', 'elsewhere', 'fact', 'language', 'loop', 'number', 'other', 'refusal'])
  expect(new Set(all.map(({ language }) => language)).size).toBe(2)
})

test('the same seed gives the same, another another; the held-out part asks other questions', () => {
  expect(made('train')).toEqual(made('train'))
  expect(made('train', 5)).not.toEqual(made('train'))
  const asked = (split: 'train' | 'heldout') => new Set(made(split, 3, 150).map(({ prompt }) => JSON.stringify(prompt)))
  const held = asked('heldout')
  const shared = [...asked('train')].filter((prompt) => held.has(prompt))
  expect(shared.length).toBeLessThan(8)
})

test('documents say source and licence, and which answer is right', () => {
  const [document] = preferenceDocuments({ seed: 1, count: 1, split: 'train' }, { source: 's', licence: 'Apache-2.0' })
  expect(document).toMatchObject({ source: 's', licence: 'Apache-2.0' })
  expect(document.preference?.grades?.[0]).toBe(1)
  expect(document.preference?.grades?.slice(1).every((grade) => grade === 0)).toBe(true)
})
