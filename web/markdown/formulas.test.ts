import type { Nodes } from 'mdast'
import { expect, test } from 'vitest'
import { parseMarkdown } from './parse.ts'

/** The formulas of a text: those of a line of their own are marked with "!". */
function formulas(text: string): string[] {
  const found: string[] = []
  const walk = (node: Nodes) => {
    if (node.type === 'math') found.push(`!${node.value}`)
    if (node.type === 'inlineMath')
      found.push(`${node.data && 'wide' in node.data && node.data.wide ? '!' : ''}${node.value}`)
    if ('children' in node) node.children.forEach(walk)
  }
  walk(parseMarkdown(text))
  return found
}

test.each([
  ['a $x^2$ b', ['x^2']],
  ['in \\(a_b + c_d\\) we', ['a_b + c_d']],
  ['\\[ x = \\frac{1}{2} \\]', ['! x = \\frac{1}{2} ']],
  ['say\n\\[\na\n+ b\n\\]\nend', ['!a\n+ b']],
  ['$$\na\n- b\n$$\nend', ['!a\n- b']],
  ['$$ a = b $$', ['! a = b ']],
  ['$$ a\nb $$\n\nmore *x*', ['! a\nb ']],
  ['$$ a =\nb\n$$', ['!a =\nb']],
  ['| a | b |\n|--|--|\n| $x$ | \\(y\\) |', ['x', 'y']],
  ['the $n$th', ['n']],
  ['costs $5 and $10, or $x^2$', ['x^2']],
  ['价格$5元，公式$E=mc^2$。', ['E=mc^2']],
])('%j holds the formulas %j', (text, expected) => {
  expect(formulas(text)).toEqual(expected)
})

test.each([
  '$5-$10',
  '$HOME and $PATH',
  '`$x$` and \\$5$',
  '```\n\\[\nx\n\\]\n```',
  '$$\nopen',
  '\\(open',
  '$ x $',
  '$$$',
  '$',
])('%j holds none', (text) => {
  expect(formulas(text)).toEqual([])
})
