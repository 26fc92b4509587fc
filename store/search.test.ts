import * as vitest from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Store } from './open.ts'
import { excerptOf } from './search/excerpt.ts'
import { gramsOf, normalise, readQuery } from './search/grams.ts'
import { onEveryDatabase, type Someone, someone } from './testing/stage.ts'

describe('what a hit shows', () => {
  test.each<[string, string[], string[]]>([
    ['我昨天去了北京，参观了故宫。北京很大。', ['北京', '故宫'], ['北京', '故宫', '北京']],
    ['The DEPLOYMENT of ＧＰＴ', ['deploy', 'gpt'], ['DEPLOY', 'ＧＰＴ']],
    ['𝄞 banana', ['anana', 'na'], ['anana']],
    ['a ﬁne ﬁle', ['fi'], ['ﬁ', 'ﬁ']],
  ])('marks in %j what was looked for, as it was written', (text, terms, marked) => {
    const { excerpt, marks } = excerptOf(text, terms)
    expect(marks.map(([from, to]) => excerpt.slice(from, to))).toEqual(marked)
  })

  test('is cut around the first place, in whole characters', () => {
    const { excerpt, marks } = excerptOf(`${'𝄞'.repeat(300)} needle ${'x'.repeat(500)}`, ['needle'])
    expect(excerpt.length).toBeLessThan(200)
    expect(marks.map(([from, to]) => excerpt.slice(from, to))).toEqual(['needle'])
  })
})

describe('pieces of words', () => {
  test('are pairs where nobody writes spaces, threes elsewhere, and short words as they are', () => {
    expect([...gramsOf(normalise('北京大学'))]).toEqual(['北', '京', '北京', '大', '京大', '学', '大学'])
    expect([...gramsOf(normalise('Deploy AI'))]).toEqual(['dep', 'epl', 'plo', 'loy', 'ai'])
    expect([...gramsOf(normalise('Ｇ．ｏ GPT４'))]).toEqual(['g', 'o', 'gpt', 'pt4'])
    expect([...gramsOf('!? ...')]).toEqual([])
  })

  test('of a query hold no single characters that its pairs hold', () => {
    expect(readQuery('北京 go "New York"')).toEqual({
      terms: ['北京', 'go', 'new york'],
      grams: ['北京', 'go', 'new', 'yor', 'ork'],
    })
    expect(readQuery('猫').grams).toEqual(['猫'])
  })
})

const texts = [
  '我昨天去了北京，参观了故宫。',
  '京北的天气很好',
  'The deployment failed with an Error at 北京时间 10:30',
  'Ein Fußgänger überquert die Straße',
  'AI and Go are short; maintain is not',
  '東京の天気はいいです',
  'new york is not york new',
]

onEveryDatabase(vitest, 'search', (stage) => {
  let store: Store
  let ada: Someone
  let bob: Someone
  const ids: string[] = []
  beforeAll(async () => {
    store = (await stage.fresh()).store
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
    const { id } = await store.conversations.create(ada.owner, { title: '旅行 Plans' })
    for (const text of texts) {
      ids.push(
        (await store.conversations.addMessage(ada.owner, id, { parent: null, role: 'user', content: text, text })).id,
      )
    }
  })
  const found = async (words: string, of = ada) =>
    (await store.search.messages(of.owner, words)).data.map((hit) => ids.indexOf(hit.message)).toSorted()

  test.each([
    ['北京', [0, 2]],
    ['故宫', [0]],
    ['天气', [1]],
    ['京', [0, 1, 2, 5]],
    ['北京 参观', [0]],
    ['京参', []],
    ['deploy', [2]],
    ['PLOYMENT', [2]],
    ['error 北京', [2]],
    ['straße', [3]],
    ['ÜBERQUERT', [3]],
    ['ai', [4]],
    ['go', [4]],
    ['"new york"', [6]],
    ['york new', [6]],
    ['10:30', [2]],
    ['...', []],
    ['', []],
    ['" OR 1=1 --', []],
    ['deployment" OR "failed', []],
    ['NEAR(a b)', []],
    ['grams:a*', []],
  ])('of %j', async (words, expected) => {
    expect(await found(words)).toEqual(expected)
  })

  test('finds nothing of another', async () => {
    expect(await found('北京', bob)).toEqual([])
    expect(await store.search.titles(bob.owner, '旅行')).toEqual([])
  })

  test('shows where, and finds titles', async () => {
    const [hit] = (await store.search.messages(ada.owner, '故宫')).data
    expect(hit).toMatchObject({ title: '旅行 Plans', role: 'user', excerpt: texts[0] })
    expect((await store.search.titles(ada.owner, 'PLANS 旅行')).map(({ title }) => title)).toEqual(['旅行 Plans'])
  })

  test('pages through many, the newest first, none twice', async () => {
    const carl = await someone(store, 'carl')
    const { id } = await store.conversations.create(carl.owner)
    const made: string[] = []
    for (let at = 0; at < 250; at++) {
      // Every third has the pieces of the word but not the word.
      const text = at % 3 === 0 ? 'abcxbcd' : `abcd number ${at}`
      const said = await store.conversations.addMessage(carl.owner, id, {
        parent: null,
        role: 'user',
        content: '',
        text,
      })
      if (at % 3 !== 0) made.push(said.id)
    }
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.search.messages(carl.owner, 'abcd', { limit: 40, after })
      seen.push(...page.data.map((hit) => hit.message))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(seen).toEqual(made.toReversed())
  })
})
