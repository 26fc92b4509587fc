import type { Table as TableNode, TableRow } from 'mdast'
import type { Frame } from './frame.ts'

/** A table that scrolls sideways within itself where the window is narrow. */
export function Table({ node, frame }: { node: TableNode; frame: Frame }) {
  const [head, ...body] = node.children
  return (
    <div className="table">
      <table>
        <thead>{head && <Row row={head} table={node} frame={frame} head />}</thead>
        <tbody>
          {body.map((row, index) => (
            <Row key={index} row={row} table={node} frame={frame} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row, table, frame, head }: { row: TableRow; table: TableNode; frame: Frame; head?: boolean }) {
  const Cell = head ? 'th' : 'td'
  return (
    <tr>
      {row.children.map((cell, index) => (
        <Cell key={index} className={table.align?.[index] ?? undefined}>
          {frame.show(cell, frame)}
        </Cell>
      ))}
    </tr>
  )
}
