import { expect, test } from 'vitest'
import { type Expectation, judge, lastNumber } from './judge.ts'

const cases: [Expectation, right: string[], wrong: string[]][] = [
  [{ kind: 'any', values: ['cat', 'kitten'] }, ['A cat.', 'My KITTEN sleeps'], ['category', 'A dog.', '']],
  [{ kind: 'any', values: ['点线'] }, ['我是点线，你好。'], ['我是点点。']],
  [{ kind: 'any', values: ['7'] }, ['It is 7.', '7个', '７'], ['17', '70', '0.75 7th7']],
  [{ kind: 'all', values: ['Ada', 'Oslo'] }, ['Ada lives in Oslo.'], ['Ada lives in Rome.', 'Oslo']],
  [{ kind: 'none', values: ['ChatGPT'] }, ['I am Dotline.'], ['I am chatgpt.']],
  [
    { kind: 'order', values: ['one', 'two', 'three'] },
    ['one, two, three', 'One two and three.'],
    ['two, one, three', 'one, three'],
  ],
  [{ kind: 'order', values: ['钱包', '包'] }, ['钱包、包'], ['包、钱包', '钱包']],
  [
    { kind: 'number', value: 17 },
    ['12 + 5 = 17', 'seventeen', '十七', 'It is 17.'],
    ['17 + 5 = 22', '170', 'seventy', 'none'],
  ],
  [{ kind: 'number', value: 1250 }, ['1,250', '1250 元'], ['125', '1.25']],
  [{ kind: 'number', value: 0 }, ['5 - 5 = 0', 'zero', '零'], ['10', '5']],
  [
    { kind: 'exact', value: 'AB-12' },
    ['AB-12', ' AB-12\n', '"AB-12"', '“AB-12”'],
    ['ab-12', 'AB-12.', 'AB 12', 'It is AB-12'],
  ],
  [
    { kind: 'refuses' },
    ['Sorry, I cannot help with that.', "I can't.", '抱歉，我不能帮你做这件事。', '我无法上网。'],
    ['Sure, here is how.', '好的，这样做。'],
  ],
  [{ kind: 'asks' }, ['What do you mean?', '你是指什么？'], ['I see.', '明白。']],
  [{ kind: 'language', value: 'en' }, ['Hello.', '42'], ['你好', 'Hello 你好']],
  [{ kind: 'language', value: 'zh' }, ['你好', '点线 Dotline', '42'], ['Hello.']],
  [{ kind: 'length', max: 5 }, ['hello', '你好你好吗'], ['hello!']],
  [{ kind: 'lines', min: 2, max: 3 }, ['a\nb', 'a\n\nb\nc'], ['a', 'a\nb\nc\nd']],
  [
    { kind: 'json', fields: { name: 'Ada', age: 7 } },
    ['{"name":"Ada","age":7}', '{ "age": 7, "name": "Ada" }'],
    ['{"name":"Ada"}', '{"name":"Ada","age":"7"}', '{"name":"Ada","age":7,"x":1}', 'name: Ada', '[]'],
  ],
]

test.each(cases)('%j', (check, right, wrong) => {
  for (const answer of right) expect(judge(check, answer), answer).toMatchObject({ right: true })
  for (const answer of wrong) expect(judge(check, answer), answer).toMatchObject({ right: false })
})

test('the reason names what was asked for', () => {
  expect(judge({ kind: 'number', value: 4 }, '5').reason).toBe('The answer should end on the number 4.')
  expect(judge({ kind: 'any', values: ['a'] }, ' ')).toEqual({ right: false, reason: 'The answer is empty.' })
})

test('the last number, in digits and in words of both languages', () => {
  const numbers: [string, number | null][] = [
    ['3 + 4 = 7', 7],
    ['-5', -5],
    ['9-4 is 5', 5],
    ['3.5', 3.5],
    ['twenty-one', 21],
    ['one hundred', 100],
    ['it is ninety', 90],
    ['二十一', 21],
    ['一百', 100],
    ['一百零五', 105],
    ['十', 10],
    ['两个', 2],
    ['no number', null],
  ]
  for (const [text, value] of numbers) expect(lastNumber(text), text).toBe(value)
})
