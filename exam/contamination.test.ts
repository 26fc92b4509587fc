import { expect, it } from 'vitest'
import { ContaminationCheck } from './contamination.ts'
import type { Item } from './item.ts'
import { randomFrom } from './statistics.ts'

const random = randomFrom(11)
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]
const syllables = ['ka', 'lo', 'mi', 'ren', 'tus', 'ver', 'dan', 'pel', 'sor', 'qui', 'bra', 'nox']
const word = () => pick(syllables) + pick(syllables) + pick(syllables)
const english = (count: number) => Array.from({ length: count }, word).join(' ')
const characters = [
  ...'天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈',
]
const chinese = (count: number) => Array.from({ length: count }, () => pick(characters)).join('')

const items: Item[] = Array.from({ length: 1000 }, (_, i) =>
  i % 2 === 0
    ? { id: `en${i}`, question: `${english(20)}?`, answers: [english(3)] }
    : { id: `zh${i}`, question: `${chinese(50)}？`, answers: [chinese(4)] },
)

it('catches 1 % of planted leakage, all of it and nothing else', () => {
  const check = new ContaminationCheck()
  for (const item of items) check.add(item.id, item)
  const leaked = items.filter((_, i) => i % 100 === 4 || i % 200 === 51).slice(0, 10)
  expect(leaked.some(({ id }) => id.startsWith('zh'))).toBe(true)
  for (let i = 0; i < 500; i++) {
    const text = i % 2 === 0 ? english(200) : chinese(400)
    // Otherwise set, in the midst of other text: case, punctuation and line breaks differ.
    const plant =
      i % 50 === 0
        ? leaked[i / 50].question
            .toUpperCase()
            .replaceAll(' ', ',\n')
            .replace(/([\u4e00-\u9fff]{7})/g, '$1，')
        : ''
    check.look({ text: `${text}. ${plant} ${text}`, origin: `document ${i}` })
  }
  const { overlaps, documents, checked, tooShort } = check.report()
  expect([...overlaps.keys()].sort()).toEqual(leaked.map(({ id }) => id).sort())
  expect(overlaps.get(leaked[3].id)).toMatchObject({ origin: 'document 150' })
  for (const { share } of overlaps.values()) expect(share).toBeGreaterThan(0.5)
  expect({ documents, checked, tooShort }).toEqual({ documents: 500, checked: 1000, tooShort: 0 })
})

it('looks for twelve words whole, for thirteen in a row of more, and not for a few', () => {
  const check = new ContaminationCheck()
  const twelve = english(12)
  const long = english(40)
  check.add('twelve', { id: 'twelve', question: twelve })
  check.add('long', { id: 'long', question: long })
  check.add('few', { id: 'few', question: 'What is the capital of France?', answers: ['Paris'] })
  const words = long.split(' ')
  check.look({ text: words.slice(10, 22).join(' '), origin: 'twelve of forty' })
  expect(check.report().overlaps.has('long')).toBe(false)
  check.look({ text: words.slice(10, 23).join(' '), origin: 'thirteen of forty' })
  check.look({ text: `x ${twelve} y`, origin: 'whole' })
  check.look({ text: 'What is the capital of France? Paris', origin: 'everywhere' })
  const { overlaps, tooShort } = check.report()
  expect([...overlaps.keys()].sort()).toEqual(['long', 'twelve'])
  expect(overlaps.get('long')).toEqual({ share: 1 / 28, origin: 'thirteen of forty' })
  expect(tooShort).toBe(1)
})
