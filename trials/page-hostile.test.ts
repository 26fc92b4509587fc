import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostile } from './page/hostile.ts'
import { openStage, type Stage } from './page/stage.ts'
import { collectTrouble } from './page/trouble.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ tokens: () => ['nothing'] })
})
afterAll(() => stage.close())

/** The only elements that an answer may become. */
const allowed = new Set(
  'DIV P SPAN STRONG EM DEL CODE PRE FIGURE FIGCAPTION BUTTON A BDI UL OL LI INPUT TABLE THEAD TBODY TR TH TD H3 H4 H5 H6 HR BR BLOCKQUOTE SUP SECTION'.split(
    ' ',
  ),
)
/** What KaTeX draws: MathML for those who listen, spans and lines for those who look. Their places are styles set by script. */
const allowedInFormula = /^(?:SPAN|CODE|math|semantics|annotation|m[a-z]+|svg|path|line|g)$/u
const schemes = /^(?:https?:|mailto:|#)/u

test('whatever a model writes, split anywhere, becomes text: no dialog, no request, no element that is not expected', async () => {
  const context = await stage.browser.newContext({ locale: 'en-GB' })
  const trouble = collectTrouble(context, stage.url)
  const page = await context.newPage()
  await page.goto(stage.url)
  const cuts = fc.sample(fc.integer({ min: 1, max: 9 }), { numRuns: hostile.length, seed: 20261124 })
  for (const [at, payload] of hostile.entries()) {
    const cut = cuts[at]
    stage.engine.script = { tokens: () => payload.match(new RegExp(`[^]{1,${cut}}`, 'gu')) ?? [] }
    await page.locator('#message').fill(payload)
    await page.keyboard.press('Enter')
    await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
    await page.locator('article[data-state="done"][data-role="assistant"]').last().waitFor()
    const found = await page
      .locator('article')
      .last()
      .evaluate((article) => {
        const all = [...article.querySelectorAll('.prose, .prose *')]
        const elements = all.filter((element) => element.closest('.formula') === null)
        return {
          drawn: all.filter((element) => element.closest('.formula')).map((element) => element.tagName),
          acting: all.flatMap((element) =>
            element.getAttributeNames().filter((name) => /^on|^src|href$/u.test(name) && element.tagName !== 'A'),
          ),
          names: elements.map((element) => element.tagName),
          attributes: elements.flatMap((element) =>
            element.getAttributeNames().filter((name) => /^on|^src|^style$/u.test(name)),
          ),
          links: elements.map((element) => element.getAttribute('href')).filter((href) => href !== null),
        }
      })
    expect(
      found.names.filter((name) => !allowed.has(name)),
      payload,
    ).toEqual([])
    expect(
      found.drawn.filter((name) => !allowedInFormula.test(name)),
      payload,
    ).toEqual([])
    expect(found.attributes, payload).toEqual([])
    expect(found.acting, payload).toEqual([])
    expect(
      found.links.filter((link) => !schemes.test(link)),
      payload,
    ).toEqual([])
    if (at % 12 === 11) await page.keyboard.press('Control+k')
  }
  await page.waitForTimeout(200)
  expect(trouble).toEqual({ dialogs: [], outside: [], errors: [] })
  await context.close()
})
