import type { ListItem as ItemNode, List as ListNode } from 'mdast'
import { Fragment } from 'react'
import type { Frame } from './frame.ts'

export function List({ node, frame }: { node: ListNode; frame: Frame }) {
  const loose = node.spread || node.children.some((item) => item.spread)
  const items = node.children.map((item, index) => <Item key={index} item={item} loose={loose} frame={frame} />)
  const className = node.children.some((item) => typeof item.checked === 'boolean') ? 'tasks' : undefined
  if (!node.ordered) return <ul className={className}>{items}</ul>
  return (
    <ol className={className} start={node.start ?? 1}>
      {items}
    </ol>
  )
}

/** In a list without blank lines an item's words stand without a paragraph around them. */
function Item({ item, loose, frame }: { item: ItemNode; loose: boolean; frame: Frame }) {
  const content = item.children.map((child, index) => (
    <Fragment key={index}>
      {!loose && child.type === 'paragraph'
        ? frame.show(child, frame)
        : frame.show({ type: 'root', children: [child] }, frame)}
    </Fragment>
  ))
  if (typeof item.checked !== 'boolean') return <li>{content}</li>
  return (
    <li>
      <input type="checkbox" checked={item.checked} readOnly disabled />
      <div>{content}</div>
    </li>
  )
}
