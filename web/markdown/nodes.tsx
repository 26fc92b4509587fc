import type { Nodes, Parents } from 'mdast'
import { createElement, type ReactNode } from 'react'
import { CodeBlock } from './code-block.tsx'
import { FootnoteMark } from './footnotes.tsx'
import { Formula } from './formula.tsx'
import type { Frame } from './frame.ts'
import { Picture, Reference } from './link.tsx'
import { List } from './list.tsx'
import { plain } from './plain.ts'
import { Table } from './table.tsx'

/** Nested deeper than this, a node shows its words alone: no answer needs more, and the stack has an end. */
const deepest = 24

/** A node of the tree as React shows it. Text is only ever text: nothing in an answer becomes markup or code. */
export function show(node: Nodes, frame: Frame, key: number): ReactNode {
  if (frame.depth > deepest) return plain(node)
  const inner: Frame = { ...frame, depth: frame.depth + 1, show: showAll }
  switch (node.type) {
    case 'text':
      return node.value
    case 'html':
      return <span key={key}>{node.value}</span>
    case 'break':
      return <br key={key} />
    case 'thematicBreak':
      return <hr key={key} />
    case 'inlineCode':
      return <code key={key}>{node.value}</code>
    case 'code':
      return <CodeBlock key={key} code={node.value} language={node.lang ?? ''} />
    case 'math':
      return <Formula key={key} tex={node.value} wide />
    case 'inlineMath':
      return <Formula key={key} tex={node.value} wide={Boolean(node.data && 'wide' in node.data && node.data.wide)} />
    case 'heading':
      return createElement(`h${Math.min(6, node.depth + 2)}`, { key }, showAll(node, inner))
    case 'list':
      return <List key={key} node={node} frame={inner} />
    case 'table':
      return <Table key={key} node={node} frame={inner} />
    case 'link':
      return <Reference key={key} url={node.url} node={node} frame={inner} />
    case 'linkReference':
      return <Reference key={key} url={frame.definitions.get(node.identifier) ?? ''} node={node} frame={inner} />
    case 'image':
      return <Picture key={key} url={node.url} alt={node.alt ?? ''} />
    case 'imageReference':
      return <Picture key={key} url={frame.definitions.get(node.identifier) ?? ''} alt={node.alt ?? ''} />
    case 'footnoteReference':
      return <FootnoteMark key={key} identifier={node.identifier} frame={inner} />
    case 'definition':
    case 'footnoteDefinition':
    case 'yaml':
      return null
    default:
      return createElement(elements[node.type] ?? 'span', { key }, showAll(node, inner))
  }
}

const elements: Record<string, string> = {
  paragraph: 'p',
  blockquote: 'blockquote',
  emphasis: 'em',
  strong: 'strong',
  delete: 'del',
}

function showAll(node: Parents, frame: Frame): ReactNode[] {
  return node.children.map((child, index) => show(child, frame, index))
}
