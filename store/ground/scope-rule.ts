import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  IdentifierNode,
  type KyselyPlugin,
  type OperationNode,
  OperatorNode,
  ParensNode,
  ReferenceNode,
  type RootOperationNode,
  TableNode,
  ValueNode,
} from 'kysely'

/** By table, the column that says whose a row is. */
export type Scopes = Readonly<Record<string, string>>

/** A query that would have looked at everybody's rows. A fault of the store, never of its caller. */
export class ScopeError extends Error {}

/**
 * Refuses, before it is compiled, every query on a table in `scopes` that does not compare the table's scope column
 * with a value. So a foreign row cannot be read by a condition that somebody forgot: such a query does not run at all.
 */
export function scopeRule(scopes: Scopes): KyselyPlugin {
  return {
    transformQuery({ node }) {
      judgeScopes(node, scopes)
      return node
    },
    async transformResult({ result }) {
      return result
    },
  }
}

export function judgeScopes(node: RootOperationNode, scopes: Scopes): void {
  for (const each of nodesBelow(node)) {
    if (each.kind === 'SelectQueryNode') judgeRows(each, [...partsOf(each.from, 'froms')], each, scopes)
    else if (each.kind === 'UpdateQueryNode') judgeRows(each, [each.table], each, scopes)
    else if (each.kind === 'DeleteQueryNode') judgeRows(each, [...partsOf(each.from, 'froms')], each, scopes)
    else if (each.kind === 'InsertQueryNode') judgeInsert(each, scopes)
  }
}

type Loose = OperationNode & Record<string, unknown>

interface Named {
  table: string
  /** How conditions call it. */
  as: string
}

function judgeRows(query: Loose, tables: unknown[], { where, joins }: Loose, scopes: Scopes): void {
  const conditions = conjuncts((where as Loose | undefined)?.where)
  const joined = ((joins as Loose[] | undefined) ?? []).map((join) => join.table)
  const from = tables.flatMap(named)
  const besides = joined.flatMap(named)
  const alone = from.length + besides.length === 1
  for (const each of from) {
    const column = scopes[each.table]
    if (column && !conditions.some((one) => comparesWithValue(one, each, column, alone))) refuse(query, each, column)
  }
  const on = ((joins as Loose[] | undefined) ?? []).flatMap((join) => conjuncts((join.on as Loose | undefined)?.on))
  for (const each of besides) {
    const column = scopes[each.table]
    if (column && ![...conditions, ...on].some((one) => compares(one, each, column))) refuse(query, each, column)
  }
}

/** A row that is written names its scope; one that yields to an existing row yields only to one in the same scope. */
function judgeInsert(query: Loose, scopes: Scopes): void {
  const [into] = named(query.into)
  const column = into && scopes[into.table]
  if (!column) return
  const columns = (query.columns as OperationNode[] | undefined) ?? []
  if (!columns.some((each) => columnName(each) === column)) refuse(query, into, column)
  const keys = ((query.onConflict as Loose | undefined)?.columns as OperationNode[] | undefined) ?? [...columns]
  if (!keys.some((each) => columnName(each) === column)) refuse(query, into, column)
}

function refuse(query: Loose, { table }: Named, column: string): never {
  throw new ScopeError(`${query.kind} on ${table} does not say whose rows: it lacks "${column} ="`)
}

function conjuncts(node: unknown): OperationNode[] {
  if (!isNode(node)) return []
  if (AndNode.is(node)) return [...conjuncts(node.left), ...conjuncts(node.right)]
  if (ParensNode.is(node)) return conjuncts(node.node)
  return [node]
}

function equality(node: OperationNode): BinaryOperationNode | null {
  if (!BinaryOperationNode.is(node)) return null
  return OperatorNode.is(node.operator) && node.operator.operator === '=' ? node : null
}

function comparesWithValue(node: OperationNode, table: Named, column: string, alone: boolean): boolean {
  const found = equality(node)
  return !!found && isColumn(found.leftOperand, table, column, alone) && ValueNode.is(found.rightOperand)
}

function compares(node: OperationNode, table: Named, column: string): boolean {
  const found = equality(node)
  if (!found) return false
  const [left, right] = [found.leftOperand, found.rightOperand]
  const mine = isColumn(left, table, column, false) ? right : isColumn(right, table, column, false) ? left : null
  return mine !== null && (ValueNode.is(mine) || (ReferenceNode.is(mine) && !isColumn(mine, table, column, false)))
}

function isColumn(node: OperationNode, table: Named, column: string, alone: boolean): boolean {
  if (!ReferenceNode.is(node) || columnName(node.column) !== column) return false
  return node.table ? node.table.table.identifier.name === table.as : alone
}

function columnName(node: OperationNode): string | null {
  return ColumnNode.is(node) ? node.column.name : null
}

function named(node: unknown): Named[] {
  if (!isNode(node)) return []
  if (AliasNode.is(node)) {
    const as = IdentifierNode.is(node.alias) ? node.alias.name : ''
    return named(node.node).map((each) => ({ ...each, as }))
  }
  if (!TableNode.is(node)) return []
  const table = node.table.identifier.name
  return [{ table, as: table }]
}

function partsOf(node: unknown, key: string): unknown[] {
  return isNode(node) ? ((node as Loose)[key] as unknown[]) : []
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && typeof (value as OperationNode).kind === 'string'
}

/** Every query inside a query: sub-selects, the parts of a `with`. Values are not entered. */
function* nodesBelow(value: unknown): Generator<Loose> {
  if (Array.isArray(value)) {
    for (const each of value) yield* nodesBelow(each)
  } else if (isNode(value)) {
    if (value.kind === 'ValueNode' || value.kind === 'PrimitiveValueListNode') return
    yield value as Loose
    for (const each of Object.values(value)) if (typeof each === 'object') yield* nodesBelow(each)
  }
}
