import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { ApiError } from '#wire/errors'
import { chinese, english, type Picture } from './page/pictures.ts'
import { play } from './page/play.ts'
import { openStage, type Stage } from './page/stage.ts'

const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const wide = { viewport: { width: 1180, height: 860 } }
const phone = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 1.5, hasTouch: true, isMobile: true }

interface Shot {
  name: string
  look: BrowserContextOptions
  act(page: Page, stage: Stage): Promise<void>
}

const say = async (page: Page, text: string) => {
  await page.locator('#message').fill(text)
  await page.keyboard.press('Enter')
}
const finished = (page: Page, answers: number) =>
  page.waitForFunction(
    (count) => document.querySelectorAll('article[data-role="assistant"]:not([data-state="writing"])').length === count,
    answers,
  )

/** A conversation of three turns, the second answered twice. */
async function talk(page: Page, picture: Picture): Promise<void> {
  await say(page, picture.first)
  await finished(page, 1)
  await say(page, picture.second)
  await finished(page, 2)
  await page.locator('article').last().locator('.acts button').nth(1).click()
  await finished(page, 2)
  await say(page, picture.third)
  await finished(page, 3)
}

const shots: Shot[] = [
  { name: 'empty', look: wide, act: async () => {} },
  { name: 'empty-zh-phone', look: { ...phone, locale: 'zh-CN' }, act: async () => {} },
  {
    name: 'light',
    look: wide,
    act: async (page) => {
      await talk(page, english)
    },
  },
  {
    name: 'dark-streaming',
    look: { ...wide, colorScheme: 'dark' },
    act: async (page, stage) => {
      await talk(page, english)
      stage.engine.script = { ...stage.engine.script, delayMs: 60 }
      await say(page, english.fourth)
      await page.locator('.prose').getByText('For the three').waitFor()
    },
  },
  {
    name: 'zh',
    look: { ...wide, locale: 'zh-CN' },
    act: async (page) => {
      await talk(page, chinese)
      const dot = await page.locator('.dot').nth(3).boundingBox()
      if (dot) await page.mouse.move(dot.x + 5, dot.y + 5)
    },
  },
  {
    name: 'phone-dark',
    look: { ...phone, colorScheme: 'dark' },
    act: async (page) => {
      await talk(page, english)
    },
  },
  {
    name: 'settings',
    look: wide,
    act: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click()
      await page.getByLabel('Temperature').fill('0.3')
    },
  },
  {
    name: 'error',
    look: wide,
    act: async (page, stage) => {
      await say(page, english.first)
      await finished(page, 1)
      stage.engine.script = {
        ...stage.engine.script,
        break: { after: 3, error: new ApiError('engine_failed', 'the worker stopped') },
      }
      await say(page, 'What is 12 + 7?')
      await finished(page, 2)
      await stage.down()
      await page.locator('[data-health="offline"]').waitFor({ timeout: 30_000 })
      await stage.up()
    },
  },
]

/** Takes the pictures of the README: `npm run trials -- screenshots [name...]`. */
export async function main(args: string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const stage = await openStage({ tokens: () => [] }, { keeps: true })
  const wanted = args.filter((arg) => !arg.startsWith('--'))
  for (const shot of shots.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const context = await stage.browser.newContext({ reducedMotion: 'reduce', ...shot.look })
    const page = await context.newPage()
    stage.engine.script = play({ ...english.answers, ...chinese.answers }, 9)
    await page.goto(stage.url)
    await page.locator('#message').waitFor()
    await shot.act(page, stage)
    const path = join(folder, `${shot.name}.png`)
    await page.screenshot({ path })
    console.log(`figure screenshot_${shot.name} = ${(statSync(path).size / 1000).toFixed(0)} KB (goal <= 150)`)
    await context.close()
  }
  await stage.close()
}
