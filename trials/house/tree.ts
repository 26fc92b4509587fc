import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the rules judge: the sources by path from the root, with forward slashes, and the two files that list things. */
export interface Tree {
  files: ReadonlyMap<string, string>
  packageJson: { dependencies?: Record<string, string>; devDependencies?: Record<string, string> }
  /** The text of ARCHITECTURE.md. */
  architecture: string
}

const kept = /\.([cm]?[jt]sx?|html|css|json)$/
/** What others take away, such as examples and a model, is no part of the house. */
const outside = new Set(['node_modules', 'dist', 'runs', 'coverage', 'starter', 'examples'])

/** Reads the repository at `root`: its scripts and pages; what git ignores and the shipped model stay out. */
export function readTree(root: string): Tree {
  const files = new Map<string, string>()
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.name.startsWith('.') || outside.has(path)) continue
      if (entry.isDirectory()) visit(path)
      else if (kept.test(path)) files.set(path, /\.json$/.test(path) ? '' : readFileSync(join(root, path), 'utf8'))
    }
  }
  visit('')
  return {
    files,
    packageJson: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
    architecture: readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'),
  }
}
