import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { arrows } from './house/arrows.ts'
import { scanImports } from './house/imports.ts'
import { judge, type Violation } from './house/rules.ts'
import { readTree, type Tree } from './house/tree.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('this house', () => {
  const tree = readTree(root)
  const violations = judge(tree)

  test.each<Violation['rule']>([
    'arrow',
    'interior',
    'climb',
    'cycle',
    'dependency',
    'orphan',
    'name',
    'length',
    'barrel',
    'script',
    'import',
  ])('keeps the rule: %s', (rule) => {
    const broken = violations.filter((each) => each.rule === rule)
    expect(broken.map(({ where, what }) => `${where}: ${what}`)).toEqual([])
  })

  test('is read whole: every room that ARCHITECTURE.md names is judged', () => {
    for (const room of Object.keys(arrows)) expect(tree.architecture).toContain(`\`${room}\``)
    expect(tree.files.has('trials/house.test.ts')).toBe(true)
    expect([...tree.files.keys()].some((path) => path.startsWith('model/'))).toBe(true)
  })
})

/** A small house in order, with some files changed or added. */
function houseWith(changed: Record<string, string>, dependencies: Record<string, string> = { zod: '4.0.0' }): Tree {
  const files = {
    'bin/dotline.ts': "import { answer } from '#serve/answer'\nanswer()\n",
    'serve/answer.ts':
      "import { z } from 'zod'\nimport { next } from '#model/next'\nexport const answer = () => [z, next]\n",
    'model/next.ts': "import { step } from './steps/step.ts'\nexport const next = step\n",
    'model/steps/step.ts': "import fs from 'node:fs'\nexport const step = fs\n",
    'model/next.test.ts': "import { test } from 'vitest'\nimport { next } from './next.ts'\ntest('x', next)\n",
    'web/index.html': '<script type="module" src="/page.tsx"></script>',
    'web/page.tsx': "import './page.css'\nexport const page = <p>hello</p>\n",
    'web/page.css': '',
    ...changed,
  }
  return {
    files: new Map(Object.entries(files)),
    packageJson: { dependencies, devDependencies: { vitest: '5.0.0', '@types/mdast': '4.0.0' } },
    architecture:
      '| package | why |\n| --- | --- |\n| `zod` | schemas |\n| `vitest` | tests |\n| `@types/mdast` | types |\n| `bare` | |\n',
  }
}

const brokenBy = (changed: Record<string, string>, dependencies?: Record<string, string>): string[] =>
  judge(houseWith(changed, dependencies)).map(({ rule, where }) => `${rule} ${where}`)

describe('the rules', () => {
  test('are content with a house in order', () => {
    expect(judge(houseWith({}))).toEqual([])
  })

  test('see a forbidden arrow, however it is written', () => {
    const code = 'export const step = 1\n'
    const forms = [
      "import { answer } from '#serve/answer'\n",
      "import type { A } from '#serve/answer'\n",
      "export * from '#serve/answer'\n",
      "const later = await import('#serve/answer')\n",
      "type Later = import('#serve/answer').Later\n",
      "const later = require('#serve/answer')\n",
      'const later = `${await import("#serve/answer")}`\n',
    ]
    for (const form of forms)
      expect(brokenBy({ 'model/steps/step.ts': form + code })).toContain('arrow model/steps/step.ts')
  })

  test('do not take a comment or a string for an import', () => {
    const source = `// import x from '#serve/answer'\nexport const step = "import y from '#serve/answer'"\n`
    expect(brokenBy({ 'model/steps/step.ts': source })).toEqual([])
  })

  test('open of model only the doors of text to data, and trials to nobody', () => {
    const model = {
      'model/tokenizer.ts': 'export const t = 1\n',
      'bin/dotline.ts': "import '#data/pack'\nimport '#serve/answer'\n",
    }
    expect(brokenBy({ ...model, 'data/pack.ts': "import '#model/tokenizer'\nexport const p = 1\n" })).toEqual([])
    expect(brokenBy({ ...model, 'data/pack.ts': "import '#model/tokenizer'\nimport '#model/next'\n" })).toEqual([
      'arrow data/pack.ts',
    ])
    expect(
      brokenBy({
        'trials/load.ts': 'export {}\n',
        'bin/dotline.ts': "import '#trials/load'\nimport '#serve/answer'\n",
      }),
    ).toEqual(['arrow bin/dotline.ts'])
  })

  test('see a folder that is no room', () => {
    expect(brokenBy({ 'attic/box.test.ts': 'export {}\n' })).toEqual(['arrow attic/box.test.ts'])
  })

  test("see another room's interior", () => {
    expect(brokenBy({ 'bin/dotline.ts': "import '#model/steps/step'\nimport '#serve/answer'\n" })).toEqual([
      'interior bin/dotline.ts',
    ])
  })

  test('see a path that leaves the room or climbs', () => {
    expect(brokenBy({ 'bin/dotline.ts': "import '../serve/answer.ts'\n" })).toEqual(['climb bin/dotline.ts'])
    expect(
      brokenBy({ 'model/steps/step.ts': "new Worker(new URL('../../serve/answer.ts', import.meta.url))\n" }),
    ).toContain('climb model/steps/step.ts')
    const deep = { 'model/next.ts': "import './a/b/c.ts'\nimport './steps/step.ts'\n" }
    expect(brokenBy({ ...deep, 'model/a/b/c.ts': "import '../../steps/step.ts'\n" })).toEqual(['climb model/a/b/c.ts'])
    expect(brokenBy({ ...deep, 'model/a/b/c.ts': "import '../d.ts'\n", 'model/a/d.ts': 'export {}\n' })).toEqual([])
  })

  test('see a cycle between files, of types too', () => {
    const back = "import type { Next } from '../next.ts'\nexport const step = 1\n"
    expect(judge(houseWith({ 'model/steps/step.ts': back }))).toMatchObject([
      { rule: 'cycle', what: 'model/next.ts → model/steps/step.ts → model/next.ts' },
    ])
    expect(brokenBy({ 'model/steps/step.ts': "import '#model/next'\n" })).toEqual(['cycle model/next.ts'])
  })

  test('see a dependency that is not listed', () => {
    const use = (name: string) => ({ 'model/steps/step.ts': `import x from '${name}'\nexport const step = x\n` })
    expect(brokenBy(use('left-pad'))).toEqual(['dependency model/steps/step.ts'])
    expect(brokenBy(use('@scope/pad/deep'))).toEqual(['dependency model/steps/step.ts'])
    expect(brokenBy(use('fs'))).toEqual(['dependency model/steps/step.ts'])
    expect(brokenBy(use('vitest'))).toEqual(['dependency model/steps/step.ts'])
    expect(brokenBy(use('zod/v4'))).toEqual([])
    expect(brokenBy(use('mdast'))).toEqual([])
  })

  test('see a dependency without a reason in ARCHITECTURE.md', () => {
    expect(brokenBy({}, { zod: '4.0.0', unnamed: '1.0.0' })).toEqual(['dependency unnamed'])
    expect(brokenBy({}, { zod: '4.0.0', bare: '1.0.0' })).toEqual(['dependency bare'])
  })

  test('see a file that nothing but its own test wants', () => {
    const dead = { 'model/dead.ts': 'export const dead = 1\n' }
    expect(brokenBy(dead)).toEqual(['orphan model/dead.ts'])
    expect(brokenBy({ ...dead, 'model/dead.test.ts': "import './dead.ts'\n" })).toEqual(['orphan model/dead.ts'])
    expect(brokenBy({ ...dead, 'model/other.test.ts': "import './dead.ts'\n" })).toEqual([])
    expect(brokenBy({ ...dead, 'trials/load.ts': "import '#model/dead'\n" })).toEqual([])
    expect(
      brokenBy({ ...dead, 'bin/dotline.ts': "import '#serve/answer'\nnew URL('../model/dead.ts', 'file:')\n" }),
    ).toEqual(['orphan model/dead.ts'])
  })

  test('take a worker and the script of a page for wanted', () => {
    const source = "import './steps/step.ts'\nexport const next = new Worker(new URL('./toil.ts', import.meta.url))\n"
    expect(brokenBy({ 'model/next.ts': source, 'model/toil.ts': 'export {}\n' })).toEqual([])
    expect(brokenBy({ 'web/index.html': '' })).toEqual(['orphan web/page.tsx'])
  })

  test('see a drawer, a barrel, a long file, another JavaScript file, a missing file, a computed import', () => {
    expect(brokenBy({ 'model/utils.test.ts': 'export {}\n' })).toEqual(['name model/utils.test.ts'])
    expect(brokenBy({ 'model/common/x.test.ts': 'export {}\n' })).toEqual(['name model/common/x.test.ts'])
    expect(brokenBy({ 'model/next.ts': "export * from './steps/step.ts'\n" })).toEqual(['barrel model/next.ts'])
    expect(brokenBy({ 'model/long.test.ts': 'export {}\n'.repeat(500) })).toEqual([])
    expect(brokenBy({ 'model/long.test.ts': 'export {}\n'.repeat(501) })).toEqual(['length model/long.test.ts'])
    expect(brokenBy({ 'run.mjs': '' })).toEqual([])
    expect(brokenBy({ 'bin/other.mjs': '' })).toEqual(['script bin/other.mjs'])
    expect(brokenBy({ 'model/steps/step.ts': "import './gone.ts'\n" })).toEqual(['import model/steps/step.ts'])
    expect(brokenBy({ 'model/steps/step.ts': "import '#model/gone'\n" })).toEqual(['import model/steps/step.ts'])
    expect(brokenBy({ 'model/steps/step.ts': 'export const step = (x: string) => import(x)\n' })).toEqual([
      'import model/steps/step.ts',
    ])
  })

  test('refuse to judge what does not parse', () => {
    expect(() => scanImports('x.ts', 'import from from from')).toThrow(SyntaxError)
  })
})
