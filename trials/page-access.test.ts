import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { english } from './page/pictures.ts'
import { play } from './page/play.ts'
import { openStage, type Stage } from './page/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(play(english.answers), { keeps: true })
})
afterAll(() => stage.close())

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe-core finds against WCAG 2.2 AA on the page as it stands. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async (values) => {
    const { axe: here } = globalThis as unknown as { axe: typeof axe }
    return here.run(document, { runOnly: { type: 'tag', values } })
  }, tags)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

const looks: [string, BrowserContextOptions][] = [
  ['light and wide', { viewport: { width: 1180, height: 860 }, colorScheme: 'light' }],
  ['dark, on a phone of 320 pixels', { viewport: { width: 320, height: 700 }, colorScheme: 'dark', isMobile: true }],
]

test.each(looks)('nothing bars anybody from any screen: %s', async (_, look) => {
  const context = await stage.browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...look })
  const page = await context.newPage()
  await page.goto(stage.url)
  await page.locator('#message').waitFor()
  const found: Record<string, string[]> = { first: await faults(page) }
  for (const text of [english.first, english.third, english.fourth]) {
    await page.locator('#message').fill(text)
    await page.keyboard.press('Enter')
    await page.locator('article').filter({ hasText: text }).waitFor()
    await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
  }
  found.talk = await faults(page)
  await page.getByRole('button', { name: 'Bad answer' }).last().click()
  found.opinion = await faults(page)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  await page.keyboard.press('Control+k')
  await page.locator('.palette [role="option"]').first().waitFor()
  found.palette = await faults(page)
  await page.keyboard.press('Escape')
  const list = page.getByRole('button', { name: 'Show the conversations' })
  if (await list.isVisible()) {
    await list.click()
    found.drawer = await faults(page)
  }
  await page.locator('.one').first().hover()
  await page.locator('.one button').first().click()
  found.menu = await faults(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Your data' }).click()
  found.data = await faults(page)
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((screen) => [screen, []])))
  await context.close()
})
