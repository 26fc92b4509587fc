import type { RootContent } from 'mdast'
import { expect, test } from 'vitest'
import { GrowingMarkdown } from './growing.ts'
import { parseMarkdown } from './parse.ts'
import { plain } from './plain.ts'

const samples = [
  'Hello **bold** and *thin* words.\n\n- one\n- two `code`\n\n1. first\n2. second\n\nThe end.',
  'A table:\n\n| Region | Target |\n| --- | ---: |\n| East | 1,240 |\n| South | 980 |\n\nBoth come to 2,220.',
  'Code:\n\n```python\ndef f(x):\n    return `x`  # | a | b |\n```\n\nand after it.\n\n> a quote\n> goes on\n\n## Title\n\nlast',
  'First line\n- then a list\n- [x] done\n\nSee [the page](https://example.com/a_(b)) now, ~~not~~ later.\n\n---\n\n**你好**，世界。',
  'Euler: $e^{i\\pi} + 1 = 0$ and \\(a_b + c_d\\).\n\n$$\nx = \\frac{-b}{2a}\n\n+ c\n$$\n\nso \\[ y = *z* \\] ends.\n\n\\[\n- q\n\\]\n\nIt costs $5 now, $10 later.',
  '    indented\n\n* a\n\n  still a\n\n  - b\n\ntail with <b>html</b> and 3 * 4 = 12',
]

const kinds = (blocks: RootContent[]) => blocks.map((block) => block.type)

test.each(samples)('no block changes its kind or disappears while this is written: %j', (text) => {
  const growing = new GrowingMarkdown()
  let before: string[] = []
  for (let end = 1; end <= text.length; end++) {
    const now = kinds(growing.grow(text.slice(0, end)))
    expect(now.slice(0, before.length), JSON.stringify(text.slice(0, end))).toEqual(before)
    before = now
  }
})

test.each(samples)('what was grown piece by piece is what the whole text gives: %j', (text) => {
  const growing = new GrowingMarkdown()
  for (let end = 1; end < text.length; end++) growing.grow(text.slice(0, end))
  const blocks = growing.grow(`${text}\n`)
  const whole = parseMarkdown(text).children
  expect(kinds(blocks)).toEqual(kinds(whole))
  expect(blocks.map((block) => plain(block))).toEqual(whole.map((block) => plain(block)))
})

test('marks of emphasis and links are not seen before they are whole', () => {
  const shown = (text: string) => new GrowingMarkdown().grow(text).map((block) => plain(block))
  expect(shown('a **bo')).toEqual(['a bo'])
  expect(shown('a **')).toEqual(['a'])
  expect(shown('a `co')).toEqual(['a co'])
  expect(shown('see [the page](https://exa')).toEqual(['see the page'])
  expect(shown('| a | b |\n| -')).toEqual([])
})

test('a formula is not seen before it is whole, and a price is no formula', () => {
  const shown = (text: string) => new GrowingMarkdown().grow(text).map((block) => plain(block))
  expect(shown('so $x^')).toEqual(['so'])
  expect(shown('so $x^2$ is')).toEqual(['so x^2 is'])
  expect(shown('so \\(x^')).toEqual(['so'])
  expect(shown('so\n\n$$\nx = 1\n')).toEqual(['so'])
  expect(shown('it costs $5 for all')).toEqual(['it costs $5 for all'])
  expect(shown('from $5 to $10 a')).toEqual(['from $5 to $10 a'])
  expect(shown('价格是$5，很便宜')).toEqual(['价格是$5，很便宜'])
})

test('settled blocks keep their identity', () => {
  const growing = new GrowingMarkdown()
  const first = growing.grow('one\n\ntwo\n\nthr')
  const second = growing.grow('one\n\ntwo\n\nthree')
  expect(second[0]).toBe(first[0])
  expect(second[1]).toBe(first[1])
})

test('a piece costs as much at the end of a long answer as at its start', () => {
  const growing = new GrowingMarkdown()
  const costs: number[] = []
  let text = ''
  for (let n = 0; n < 600; n++) {
    text += 'Some words of **one** paragraph.\n\n'
    const start = performance.now()
    growing.grow(text)
    costs.push(performance.now() - start)
  }
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]
  expect(median(costs.slice(-150)) / median(costs.slice(50, 200))).toBeLessThan(3)
})
