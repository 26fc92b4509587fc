import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { arrows, mayUse } from './arrows.ts'
import { type Import, type Scan, scanImports } from './imports.ts'
import type { Tree } from './tree.ts'

/** One broken rule: which, in which file (or for which package), and what is wrong there. */
export interface Violation {
  rule:
    | 'arrow'
    | 'interior'
    | 'climb'
    | 'cycle'
    | 'dependency'
    | 'orphan'
    | 'name'
    | 'length'
    | 'barrel'
    | 'script'
    | 'import'
  where: string
  what: string
}

const longest = 500
const drawers = /^(utils?|helpers?|common|types|misc|shared|index)$/
const onlyJavaScript = 'run.mjs'

/** Judges the whole tree; an empty list means that the house is in order. */
export function judge(tree: Tree): Violation[] {
  const sources = [...tree.files].filter(([path]) => /\.tsx?$/.test(path))
  const scans = new Map(sources.map(([path, source]) => [path, scanImports(path, source)]))
  return [
    ...judgeFiles(tree),
    ...[...scans].flatMap(([path, scan]) => judgeImports(tree, path, scan)),
    ...judgeListing(tree),
    ...judgeCycles(graphOf(tree, scans, 'import')),
    ...judgeOrphans(tree, graphOf(tree, scans, 'import', 'url')),
  ]
}

/** The room a file lies in; empty for the files at the root. */
function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path)
}

function judgeFiles({ files }: Tree): Violation[] {
  const found: Violation[] = []
  for (const [path, source] of files) {
    if (/\.[cm]?jsx?$/.test(path) && path !== onlyJavaScript) {
      found.push({ rule: 'script', where: path, what: `only ${onlyJavaScript} is JavaScript` })
    }
    if (!/\.tsx?$/.test(path)) continue
    const drawer = path.split('/').find((part) => drawers.test(part.replace(/(\.test)?\.tsx?$/, '')))
    if (drawer) found.push({ rule: 'name', where: path, what: `"${drawer}" says nothing about what is inside` })
    const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0)
    if (lines > longest) found.push({ rule: 'length', where: path, what: `${lines} lines, more than ${longest}` })
    if (roomOf(path) && !Object.hasOwn(arrows, roomOf(path))) {
      found.push({ rule: 'arrow', where: path, what: `${roomOf(path)} is no room` })
    }
  }
  return found
}

function judgeImports(tree: Tree, path: string, scan: Scan): Violation[] {
  const found = scan.imports.flatMap((each) => judgeImport(tree, path, each) ?? [])
  if (scan.barrel) found.push({ rule: 'barrel', where: path, what: 'does nothing but export from other files' })
  return found
}

/** Loads node-llama-cpp from the folder into which one command installs it: no import of the default install can name it. */
const installedApart = 'model/llama/addon.ts'

function judgeImport(tree: Tree, path: string, { specifier, kind }: Import): Violation | null {
  const room = roomOf(path)
  if (specifier === null) {
    if (kind === 'url' || room === 'trials' || path === installedApart) return null
    return { rule: 'import', where: path, what: 'a computed specifier hides what is imported' }
  }
  if (specifier.startsWith('.')) return judgeRelative(tree, path, specifier, kind)
  if (specifier.startsWith('#')) return judgeDoor(tree, path, specifier)
  return kind === 'url' ? null : judgePackage(tree, path, specifier)
}

function judgeRelative({ files }: Tree, path: string, specifier: string, kind: Import['kind']): Violation | null {
  const bare = specifier.replace(/\?.*$/, '')
  const target = posix.join(posix.dirname(path), bare)
  const room = roomOf(path)
  // A file that is no module (a model, a page) may lie anywhere; only modules are bound to rooms.
  if (kind === 'url' && !/\.tsx?$/.test(bare)) return null
  if (room && roomOf(target) !== room) return { rule: 'climb', where: path, what: `${specifier} leaves the room` }
  if (specifier.includes('../../')) return { rule: 'climb', where: path, what: `${specifier} climbs` }
  if (kind === 'import' && /\.[cm]?[jt]sx?$|\/[^.]*$/.test(bare) && !files.has(target)) {
    return { rule: 'import', where: path, what: `${specifier} does not exist` }
  }
  return null
}

function judgeDoor({ files }: Tree, path: string, specifier: string): Violation | null {
  const from = roomOf(path)
  const [room, ...rest] = specifier.slice(1).split('/') as [string, ...string[]]
  const door = rest.join('/')
  if (from !== room && rest.length > 1) return { rule: 'interior', where: path, what: `${specifier} is inside ${room}` }
  // The settings at the root belong to no room and may look into none but through doors.
  if (from && !mayUse(from, room, door)) return { rule: 'arrow', where: path, what: `${from} may not use ${specifier}` }
  if (!files.has(`${room}/${door}.ts`)) return { rule: 'import', where: path, what: `${specifier} does not exist` }
  return null
}

function judgePackage({ packageJson }: Tree, path: string, specifier: string): Violation | null {
  if (specifier.startsWith('node:')) return null
  const where = path
  if (isBuiltin(specifier)) return { rule: 'dependency', where, what: `${specifier} is written node:${specifier}` }
  const name = packageOf(specifier)
  const { dependencies = {}, devDependencies = {} } = packageJson
  if (Object.hasOwn(dependencies, name)) return null
  // Some packages are types alone; the import is erased and nothing of that name is installed.
  if (Object.hasOwn(devDependencies, `@types/${name.replace(/^@(.+)\//, '$1__')}`)) return null
  if (!Object.hasOwn(devDependencies, name)) {
    return { rule: 'dependency', where, what: `${name} is not in package.json` }
  }
  // The page is built beforehand; everything else that runs at the user's needs its packages there.
  if (isTest(path) || ['', 'trials', 'web'].includes(roomOf(path))) return null
  return { rule: 'dependency', where, what: `${name} is only a development dependency` }
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Each dependency stands in a table row of ARCHITECTURE.md, `| package | reason |`, with a reason. */
function judgeListing({ packageJson, architecture }: Tree): Violation[] {
  const rows = architecture.split('\n').filter((line) => line.startsWith('|'))
  const listed = new Set<string>()
  for (const row of rows) {
    const [names, reason] = row.split('|').slice(1)
    if (!names || !reason || !/\w{2}/.test(reason)) continue
    for (const [, name] of names.matchAll(/`([^`]+)`/g)) listed.add(name!)
  }
  return Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies })
    .filter((name) => !listed.has(name))
    .map((name) => ({ rule: 'dependency', where: name, what: 'has no row with a reason in ARCHITECTURE.md' }))
}

type Graph = ReadonlyMap<string, readonly string[]>

/** Which file of ours names which, by the given kinds of naming. */
function graphOf({ files }: Tree, scans: ReadonlyMap<string, Scan>, ...kinds: Import['kind'][]): Graph {
  const graph = new Map<string, string[]>()
  for (const [path, { imports }] of scans) {
    const targets = imports.flatMap(({ specifier, kind }) => {
      if (specifier === null || !kinds.includes(kind)) return []
      if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ''))
      return specifier.startsWith('#') ? `${specifier.slice(1)}.ts` : []
    })
    graph.set(
      path,
      targets.filter((target) => files.has(target)),
    )
  }
  return graph
}

/** Names each cycle once, by the path that closes it. */
function judgeCycles(graph: Graph): Violation[] {
  const found: Violation[] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      found.push({ rule: 'cycle', where: path, what: [...trail.slice(start), path].join(' → ') })
      return
    }
    if (done.has(path)) return
    trail.push(path)
    for (const next of graph.get(path) ?? []) visit(next)
    trail.pop()
    done.add(path)
  }
  for (const path of graph.keys()) visit(path)
  return found
}

/** A file is wanted if an entry leads to it; its own test does not count, for a tested file can be dead all the same. */
function judgeOrphans({ files }: Tree, graph: Graph): Violation[] {
  const reached = new Set<string>()
  const scripts = pageScripts(files)
  const waiting = [...graph.keys()].filter((path) => isEntry(path) || scripts.has(path))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    const tested = path.replace(/\.test(\.tsx?)$/, '$1').replace(/\.tsx?$/, '')
    const own = (next: string): boolean => isTest(path) && next.replace(/\.tsx?$/, '') === tested
    waiting.push(...(graph.get(path) ?? []).filter((next) => !own(next)))
  }
  return [...graph.keys()]
    .filter((path) => !reached.has(path) && !path.endsWith('.d.ts'))
    .map((path) => ({ rule: 'orphan', where: path, what: 'no command, page or worker leads here' }))
}

function isEntry(path: string): boolean {
  if (isTest(path) || /(^|\/)[^/]+\.config\.ts$/.test(path)) return true
  return path === 'bin/dotline.ts' || path === 'web/main.tsx' || /^trials\/([^/]+|peers\/check)\.ts$/.test(path)
}

/** The modules that HTML pages start. */
function pageScripts(files: ReadonlyMap<string, string>): Set<string> {
  const scripts = new Set<string>()
  for (const [path, source] of files) {
    if (!path.endsWith('.html')) continue
    for (const [, script] of source.matchAll(/<script[^>]*\ssrc="([^"]+)"/g)) {
      scripts.add(posix.join(script!.startsWith('/') ? roomOf(path) : posix.dirname(path), script!))
    }
  }
  return scripts
}
