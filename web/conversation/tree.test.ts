import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, change, choose, emptyTree, pathTo, removeLeaf, root, shownPath, siblingsOf, type Tree } from './tree.ts'

const texts = (tree: Tree) => shownPath(tree).map((message) => message.text)

function threeAnswers(): Tree {
  let tree = add(emptyTree, root, 'user', 'question', 'done')
  for (const text of ['first', 'second', 'third']) tree = add(tree, 'm1', 'assistant', text, 'done')
  return tree
}

test('a new sibling is shown and the older ones stay as branches', () => {
  const tree = threeAnswers()
  expect(texts(tree)).toEqual(['question', 'third'])
  expect(siblingsOf(tree, 'm1')).toEqual(['m2', 'm3', 'm4'])
})

test('choosing a branch brings back all that was said below it', () => {
  const longer = add(choose(threeAnswers(), 'm2'), 'm2', 'user', 'and then', 'done')
  expect(texts(choose(longer, 'm3'))).toEqual(['question', 'second'])
  expect(texts(choose(choose(longer, 'm3'), 'm2'))).toEqual(['question', 'first', 'and then'])
  expect(pathTo(longer, 'm5').map((message) => message.id)).toEqual(['m1', 'm2', 'm5'])
})

test('a leaf can be taken away, a message with children cannot', () => {
  const tree = threeAnswers()
  expect(texts(removeLeaf(tree, 'm4'))).toEqual(['question', 'second'])
  expect(removeLeaf(tree, 'm1')).toBe(tree)
  expect(change(tree, 'gone', { text: 'x' })).toBe(tree)
})

test('whatever is added and chosen, the shown path is a chain that starts at the root', () => {
  const step = fc.tuple(fc.nat(20), fc.boolean())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let tree = emptyTree
      for (const [at, adds] of steps) {
        const ids = [root, ...Object.keys(tree.messages)]
        const id = ids[at % ids.length]
        tree = adds ? add(tree, id, 'user', 'x', 'done') : choose(tree, id)
      }
      const path = shownPath(tree)
      expect(path.every((message, index) => message.parent === (path[index - 1]?.id ?? root))).toBe(true)
      expect(path.length > 0).toBe(Object.keys(tree.messages).length > 0)
    }),
  )
})
