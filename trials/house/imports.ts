import { extname } from 'node:path'
import { parseSync } from 'vite'

/** One place where a file names another. */
export interface Import {
  /** The specifier as written; null where an expression computes it. */
  specifier: string | null
  /** `import` also stands for `export from`, `import()` and type imports; `url` is `new URL(x, import.meta.url)`. */
  kind: 'import' | 'url'
}

export interface Scan {
  imports: Import[]
  /** The file does nothing but export from other files. */
  barrel: boolean
}

interface Node {
  type: string
  [key: string]: unknown
}

/** Every file and package that a TypeScript module names, read from its syntax tree. Throws where it does not parse. */
export function scanImports(path: string, source: string): Scan {
  const { program, errors } = parseSync(path, source, { lang: extname(path) === '.tsx' ? 'tsx' : 'ts' })
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]!.message}`)
  const imports: Import[] = []
  for (const node of nodesBelow(program)) {
    const found = importOf(node)
    if (found) imports.push(found)
  }
  const body = program.body as unknown as Node[]
  return {
    imports,
    barrel: body.length > 0 && body.every((statement) => isNode(statement.source) && exportsFrom(statement)),
  }
}

function exportsFrom(statement: Node): boolean {
  return statement.type === 'ExportAllDeclaration' || statement.type === 'ExportNamedDeclaration'
}

function importOf(node: Node): Import | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return { kind: 'import', specifier: literal(node.source) }
    case 'ExportNamedDeclaration':
      return isNode(node.source) ? { kind: 'import', specifier: literal(node.source) } : null
    case 'CallExpression':
      return isRequire(node) ? { kind: 'import', specifier: literal((node.arguments as unknown[])[0]) } : null
    case 'NewExpression':
      return isModuleUrl(node) ? { kind: 'url', specifier: literal((node.arguments as unknown[])[0]) } : null
    default:
      return null
  }
}

function isRequire(node: Node): boolean {
  return isNode(node.callee) && node.callee.type === 'Identifier' && node.callee.name === 'require'
}

/** `new URL('./x.ts', import.meta.url)`: how a worker, or a file beside the code, is named. */
function isModuleUrl(node: Node): boolean {
  if (!isNode(node.callee) || node.callee.name !== 'URL') return false
  const base = (node.arguments as unknown[])[1]
  return isNode(base) && base.type === 'MemberExpression' && isNode(base.object) && base.object.type === 'MetaProperty'
}

function literal(node: unknown): string | null {
  return isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function* nodesBelow(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const each of value) yield* nodesBelow(each)
  } else if (isNode(value)) {
    yield value
    for (const each of Object.values(value)) yield* nodesBelow(each)
  }
}
