import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ApiError } from '#wire/errors'
import { play } from './page/play.ts'
import { openStage, type Stage } from './page/stage.ts'
import { collectTrouble, type Trouble } from './page/trouble.ts'

const answers = {
  hello: ['Hello **you**.', 'Good day.', 'Hi.'],
  long: Array.from({ length: 60 }, (_, line) => `Paragraph ${line + 1} of a long answer.`).join('\n\n'),
  slow: 'word '.repeat(400),
  form: '# Title\n\n- [x] done\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n```ts\nconst one = 1\n```\n\nA note[^1] &copy; [the page](https://example.com/x).\n\n[^1]: The note.',
}

let stage: Stage
let context: BrowserContext
let trouble: Trouble

beforeAll(async () => {
  stage = await openStage(play(answers))
})
afterAll(() => stage.close())
afterEach(async () => {
  await context.close()
  stage.engine.script = play(answers)
  expect(trouble).toEqual({ dialogs: [], outside: [], errors: [] })
})

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  context = await stage.browser.newContext({ locale: 'en-GB', ...options })
  trouble = collectTrouble(context, stage.url)
  const page = await context.newPage()
  await page.goto(stage.url)
  await page.locator('#message').waitFor()
  return page
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('#message').fill(text)
  await page.keyboard.press('Enter')
}

/** Waits until nothing is being written, then tells what stands on the page. */
async function shown(page: Page): Promise<string[]> {
  await page.locator('article[data-role="assistant"]').last().waitFor()
  await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
  return page.locator('.said, .prose').allInnerTexts()
}

test('what is sent is answered, the next question carries the talk, and a refresh keeps it', async () => {
  const page = await open()
  await say(page, 'hello')
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  expect(await page.locator('.prose strong').innerText()).toBe('you')
  await say(page, 'again')
  expect(await shown(page)).toEqual(['hello', 'Hello you.', 'again', 'I was asked: again'])
  const last = stage.engine.requests.at(-1)
  expect(last && 'messages' in last && last.messages.map((turn) => turn.content)).toEqual([
    'hello',
    'Hello **you**.',
    'again',
  ])
  expect(await page.locator('.dot').count()).toBe(4)
  expect(await page.locator('.acts .figures').last().innerText()).toMatch(/^\d+ tokens · [\d.]+ s/)
  await page.reload()
  expect(await shown(page)).toEqual(['hello', 'Hello you.', 'again', 'I was asked: again'])
  expect(await page.title()).toBe('hello · Dotline')
})

test('Esc and the button stop the model within 250 ms, and what came is kept', async () => {
  const page = await open()
  stage.engine.script = { ...play(answers), delayMs: 10 }
  for (const stop of [() => page.keyboard.press('Escape'), () => page.getByRole('button', { name: 'Stop' }).click()]) {
    await say(page, 'slow')
    await page.locator('[data-state="writing"] .prose p').waitFor()
    const cancelled = stage.engine.cancelled.length
    await stop()
    const from = performance.now()
    await page.locator('[data-state="stopped"]').last().waitFor()
    while (stage.engine.cancelled.length === cancelled && performance.now() - from < 2000) await page.waitForTimeout(5)
    expect((stage.engine.cancelled.at(-1) ?? Number.POSITIVE_INFINITY) - from).toBeLessThan(250)
    expect((await shown(page)).at(-1)).toMatch(/^word/)
  }
})

test('another answer becomes a branch that can be turned back', async () => {
  const page = await open()
  await say(page, 'hello')
  await shown(page)
  await page.getByRole('button', { name: 'Redo' }).click()
  expect(await shown(page)).toEqual(['hello', 'Good day.'])
  expect(await page.locator('.branches').innerText()).toMatch(/2 \/ 2/)
  expect(await page.locator('.fork').count()).toBe(1)
  await page.getByRole('button', { name: 'Earlier version' }).click()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
})

test('another wording of a message becomes a branch, also from the keyboard alone', async () => {
  const page = await open()
  await say(page, 'hello')
  await shown(page)
  await page.locator('#message').focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.type(' there')
  await page.keyboard.press('Enter')
  expect(await shown(page)).toEqual(['hello there', 'I was asked: hello there'])
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('message')
  await page.locator('.dot').first().focus()
  await page.keyboard.press('ArrowLeft')
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
})

test('a new chat is one press away, and the old talk can be brought back', async () => {
  const page = await open()
  await say(page, 'hello')
  await shown(page)
  await page.keyboard.press('Control+Shift+o')
  await page.getByRole('heading', { name: 'A ChatGPT that you own' }).waitFor()
  await page.getByRole('button', { name: 'Bring back the last conversation' }).click()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
})

test('an example question is sent by a click', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'Who are you?' }).click()
  expect(await shown(page)).toEqual(['Who are you?', 'I was asked: Who are you?'])
})

test('the form of an answer: headings, tasks, tables, code, entities, footnotes, links that tell their host', async () => {
  const page = await open()
  await say(page, 'form')
  await shown(page)
  const prose = page.locator('.prose')
  expect(await prose.locator('h3').innerText()).toBe('Title')
  expect(await prose.locator('input[type="checkbox"]').isChecked()).toBe(true)
  expect(await prose.locator('td.right').innerText()).toBe('2')
  expect(await prose.locator('.code .ink-word').innerText()).toBe('const')
  expect(await prose.innerText()).toContain('©')
  expect(await prose.locator('.footnotes').innerText()).toContain('The note.')
  const link = prose.locator('a[target="_blank"]')
  expect(await link.getAttribute('rel')).toContain('noreferrer noopener')
  expect(await prose.locator('.place').innerText()).toContain('example.com')
})

test('the code alone is copied', async () => {
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
  await say(page, 'form')
  await shown(page)
  await page.locator('.code').getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const one = 1')
})

test('Enter never sends while an input method composes', async () => {
  const page = await open()
  const input = await context.newCDPSession(page)
  await page.locator('#message').focus()
  await input.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 })
  await input.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', windowsVirtualKeyCode: 229 })
  await page
    .locator('#message')
    .dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true })
  await input.send('Input.insertText', { text: '你好' })
  expect(await page.locator('#message').inputValue()).toBe('你好')
  expect(await page.locator('article').count()).toBe(0)
  await page.keyboard.press('Enter')
  expect(await shown(page)).toEqual(['你好', 'I was asked: 你好'])
})

test('Shift Enter starts a line', async () => {
  const page = await open()
  await page.locator('#message').focus()
  await page.keyboard.type('one')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('two')
  expect(await page.locator('#message').inputValue()).toBe('one\ntwo')
  expect(await page.locator('article').count()).toBe(0)
})

test('language and theme change at once and are kept', async () => {
  const page = await open({ colorScheme: 'light' })
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await paper()
  await page.getByRole('button', { name: '切换到中文' }).click()
  await page.getByRole('heading', { name: '属于你自己的 ChatGPT' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
  await page.getByRole('button', { name: '外观：跟随系统' }).click()
  await page.getByRole('button', { name: '外观：浅色' }).click()
  expect(await paper()).not.toBe(light)
  await page.reload()
  await page.getByRole('heading', { name: '属于你自己的 ChatGPT' }).waitFor()
  expect(await paper()).not.toBe(light)
})

test('the settings go out with the next question, and reset', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByLabel('Temperature').fill('0')
  await page.getByLabel('Seed').fill('7')
  await page.getByLabel('Longest answer, in tokens').fill('2')
  await page.getByLabel('Instructions').fill('Be brief.')
  await page.keyboard.press('Escape')
  await say(page, 'hello')
  await shown(page)
  const request = stage.engine.requests.at(-1)
  expect(request).toMatchObject({ maxTokens: 2, sampling: { temperature: 0, seed: 7, topP: null } })
  expect(request && 'messages' in request && request.messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
  await page.getByText('The answer reached its longest length').waitFor()
  await page
    .getByRole('button', { name: 'Settings are changed' })
    .or(page.getByRole('button', { name: 'Settings' }).first())
    .click()
  await page.getByRole('button', { name: 'Reset all' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await say(page, 'again')
  await shown(page)
  expect(stage.engine.requests.at(-1)).toMatchObject({ maxTokens: null, sampling: { temperature: null } })
})

test('an answer that fails says so and can be asked for again', async () => {
  const page = await open()
  stage.engine.script = {
    ...play(answers),
    break: { after: 2, error: new ApiError('engine_failed', 'The engine stopped.') },
  }
  await say(page, 'hello')
  await page.getByText('The server met an error of its own.').waitFor()
  expect(await page.locator('.failure .detail').innerText()).toContain('The engine stopped.')
  stage.engine.script = play(answers)
  await page.getByRole('button', { name: 'Try again' }).click()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
})

test('a server that goes away is told, and its return noticed without a reload', async () => {
  const page = await open()
  await page.locator('.serving b').getByText('dotline-starter').waitFor()
  await stage.down()
  await say(page, 'hello')
  await page.getByText('The server did not answer.').waitFor()
  await page.locator('[data-health="offline"]').waitFor()
  await stage.up()
  await page.locator('[data-health="back"]').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  trouble.errors = trouble.errors.filter((error) => !/net::ERR_(?:CONNECTION|SOCKET|EMPTY)/u.test(error))
})

test('old turns that were left out are told', async () => {
  const page = await open()
  stage.engine.script = { ...play(answers), droppedMessages: 3 }
  await say(page, 'hello')
  await page.getByText('3 old messages were left out of this answer').waitFor()
})

test('the window follows the answer until one scrolls up, and again on request', async () => {
  const page = await open({ viewport: { width: 900, height: 600 } })
  stage.engine.script = { ...play(answers), delayMs: 6 }
  const fromEnd = () =>
    page.locator('.scroll').evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop)
  await say(page, 'long')
  await page.locator('.prose').getByText('Paragraph 20 of').waitFor()
  expect(await fromEnd()).toBeLessThan(60)
  await page.locator('.scroll').hover()
  await page.mouse.wheel(0, -300)
  await page.locator('.prose').getByText('Paragraph 40 of').waitFor()
  expect(await fromEnd()).toBeGreaterThan(250)
  await page.getByRole('button', { name: 'To the latest' }).click()
  expect(await fromEnd()).toBeLessThan(60)
  await shown(page)
  expect(await fromEnd()).toBeLessThan(60)
})

test('the dots stand beside their messages, wait at the edge when those are out of sight, and lead back to them', async () => {
  const page = await open({ viewport: { width: 900, height: 600 } })
  await say(page, 'hello')
  await shown(page)
  const box = async (selector: string, at: number) =>
    (await page.locator(selector).nth(at).boundingBox()) ?? { y: -1, height: 0 }
  const expectBeside = async (at: number) => {
    const [dot, head] = [await box('.dot', at), await box('article > header', at)]
    expect(Math.abs(dot.y + dot.height / 2 - head.y - head.height / 2)).toBeLessThan(2)
  }
  await expectBeside(0)
  await expectBeside(1)
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.waitForTimeout(100)
  await expectBeside(1)
  await page.keyboard.press('Escape')
  await say(page, 'long')
  await shown(page)
  await page.getByRole('button', { name: 'To the latest' }).waitFor({ state: 'detached' })
  const first = await box('.dot', 0)
  expect(first.y).toBeGreaterThan(52)
  expect(first.y).toBeLessThan(120)
  expect((await box('article', 0)).y).toBeLessThan(0)
  await page.locator('.dot').first().focus()
  expect(await page.locator('.card').innerText()).toContain('hello')
  await page.keyboard.press('Enter')
  expect((await box('article', 0)).y).toBeGreaterThan(50)
})

test('a phone has no sideways scroll, and every button is big enough for a thumb', async () => {
  const page = await open({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true })
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(await overflow()).toBeLessThanOrEqual(0)
  await say(page, 'form')
  await shown(page)
  await say(page, `one ${'verylongword'.repeat(40)}`)
  await shown(page)
  expect(await overflow()).toBeLessThanOrEqual(0)
  expect(
    await page.locator('.talk').evaluate((element) => element.scrollWidth - element.clientWidth),
  ).toBeLessThanOrEqual(0)
  for (const button of await page.locator('button:visible:not(.dot)').all()) {
    expect((await button.boundingBox())?.height, await button.innerText()).toBeGreaterThanOrEqual(24)
  }
})

test('all of it works from the keyboard alone', async () => {
  const page = await open()
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await shown(page)
  const reached = new Set<string>()
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press('Tab')
    reached.add(
      await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '',
      ),
    )
  }
  for (const name of ['New chat', 'Settings', '切换到中文', 'Copy', 'Edit', 'Redo', 'Your message'])
    expect([...reached]).toContain(name)
  expect([...reached].some((name) => /^\d\. (You|Model): /.test(name))).toBe(true)
})

test('whole sentences are announced as they come', async () => {
  const page = await open()
  stage.engine.script = { ...play({ talk: 'The first sentence is here. The second one' }), delayMs: 20 }
  await say(page, 'talk')
  const log = page.getByRole('log')
  await expect.poll(() => log.innerText(), { interval: 5 }).toBe('The first sentence is here.')
  await expect.poll(() => log.innerText()).toBe('The second one')
})
