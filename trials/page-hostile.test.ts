import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostile } from './page/hostile.ts'
import { strange } from './page/inspect.ts'
import { openStage, type Stage } from './page/stage.ts'
import { collectTrouble } from './page/trouble.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ tokens: () => ['nothing'] })
})
afterAll(() => stage.close())

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
    expect(await strange(page.locator('article').last()), payload).toEqual([])
    if (at % 12 === 11) await page.keyboard.press('Control+k')
  }
  await page.waitForTimeout(200)
  expect(trouble).toEqual({ dialogs: [], outside: [], errors: [] })
  await context.close()
})
