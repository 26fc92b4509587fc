import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { Figures } from './figures.ts'
import { strange } from './page/inspect.ts'
import { bringTalks } from './page/kept-talks.ts'
import { payloads } from './page/payloads.ts'
import { openStage, type Stage } from './page/stage.ts'
import { collectTrouble, type Trouble } from './page/trouble.ts'

/**
 * Hostile texts as answers, questions and titles in the real page: `--payloads` of them kept and shown, `--streamed` of them
 * written while one looks, split at every byte. No dialog, no element that is not expected, no complaint of the policy.
 */
export async function main(args: string[]): Promise<void> {
  const options = {
    payloads: { type: 'string', default: '2000' },
    streamed: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- page-xss --payloads ${values.payloads} --streamed ${values.streamed}`)
  const seed = Number(values.seed)
  const kept = payloads(Number(values.payloads), seed).map(({ text }) => text)
  const streamed = payloads(Number(values.streamed), seed + 1).map(({ text }) => text)
  const stage = await openStage({ tokens: () => [] }, { keeps: true })
  try {
    const found = await attack(stage, kept, streamed)
    figures.record('page-xss.payloads', kept.length, 'kept and shown')
    figures.record('page-xss.streamed', streamed.length, 'split at every byte')
    figures.record('page-xss.dialogs', found.dialogs.length, '', { op: '=', value: 0 })
    figures.record('page-xss.unexpected', found.unexpected.length, 'elements, attributes or addresses', {
      op: '=',
      value: 0,
    })
    figures.record('page-xss.outside', found.outside.length, 'requests', { op: '=', value: 0 })
    figures.record('page-xss.errors', found.errors.length, 'of the page or its policy', { op: '=', value: 0 })
    for (const line of [...found.dialogs, ...found.unexpected, ...found.outside, ...found.errors].slice(0, 10))
      figures.note(line)
  } finally {
    await stage.close()
  }
  figures.finish()
}

async function attack(stage: Stage, kept: string[], streamed: string[]): Promise<Trouble & { unexpected: string[] }> {
  const context = await stage.browser.newContext({ locale: 'en-GB' })
  const trouble = collectTrouble(context, stage.url)
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const unexpected: string[] = []
  for (const id of await bringTalks(stage.url, kept)) {
    await page.goto(`${stage.url}/?c=${id}`)
    await page.locator('article').first().waitFor()
    await page.waitForTimeout(100)
    unexpected.push(...(await strange(page.locator('main'))), ...(await strangeAround(page)))
  }
  for (const [at, text] of streamed.entries()) {
    if (at % 20 === 0) await page.goto(stage.url)
    unexpected.push(...(await watchIt(stage, page, text)))
  }
  await context.close()
  return { ...trouble, unexpected }
}

/** Lets the model write a text a byte at a time and looks at the end of it. */
async function watchIt(stage: Stage, page: Page, text: string): Promise<string[]> {
  stage.engine.script = { tokens: () => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte)) }
  await page.locator('#message').fill('Go on')
  await page.keyboard.press('Enter')
  const last = page.locator('article[data-role="assistant"]').last()
  await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
  await page.locator('article[data-state="done"][data-role="assistant"]').last().waitFor()
  return strange(last)
}

/** Titles and names stand outside of the answers: nothing there may act, and nothing may have been added to the head. */
async function strangeAround(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const own = (address: string | null) =>
      address === null || new URL(address, location.href).origin === location.origin
    return [...document.querySelectorAll('*')].flatMap((element) => {
      if (element.closest('.prose')) return []
      const acts = element.getAttributeNames().filter((name) => /^on|^srcdoc$|^ping$|^formaction$/u.test(name))
      const fetches = ['src', 'href', 'action', 'data', 'poster'].filter((name) => !own(element.getAttribute(name)))
      return [...acts, ...fetches].map((name) => `${element.tagName} ${name}`)
    })
  })
}
