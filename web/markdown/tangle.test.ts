import { expect, test } from 'vitest'
import { GrowingMarkdown } from './growing.ts'
import { parseMarkdown } from './parse.ts'
import { plain } from './plain.ts'

const units = [
  '[',
  '*a ',
  '**a',
  '` `` ',
  '> ',
  '- ',
  '|a',
  '<a ',
  '![](',
  '_a*',
  '[^a]',
  ' ',
  'http://a ',
  '[a]((',
  'a\n',
  '\\(a ',
  '\\[a\n',
  '$a ',
  '$$a ',
]

test.each(units)('25,000 characters of %j are read at once', (unit) => {
  const text = unit.repeat(25_000 / unit.length)
  parseMarkdown(text.slice(0, 1000))
  const start = process.cpuUsage()
  parseMarkdown(text)
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000)
})

test('a tangle is shown as it stands, and what came before it keeps its form', () => {
  const tangle = `line\n${'_a*'.repeat(500)}`
  expect(parseMarkdown(tangle).children.map((block) => plain(block))).toEqual([tangle.replace('\n', '')])
  const blocks = new GrowingMarkdown()
  blocks.grow('# Title\n\nfirst words')
  expect(blocks.grow(`# Title\n\nfirst words ${tangle}`).map((block) => block.type)).toEqual(['heading', 'paragraph'])
})

test('a long honest answer is no tangle', () => {
  const code = `\`\`\`py\n${'def a_b(c_d):\n    return [1, 2]\n\n'.repeat(200)}\`\`\``
  expect(parseMarkdown(code).children.map((block) => block.type)).toEqual(['code'])
  const table = `| a | b |\n| --- | --- |\n${'| *x* | [y](https://a.example) |\n'.repeat(300)}`
  expect(parseMarkdown(table).children.map((block) => block.type)).toEqual(['table'])
})
