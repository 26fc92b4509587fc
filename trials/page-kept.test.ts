import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { play } from './page/play.ts'
import { openStage, type Stage } from './page/stage.ts'
import { collectTrouble, type Trouble } from './page/trouble.ts'

const answers = {
  hello: ['Hello **you**.', 'Good day.', 'Hi.'],
  slow: Array.from({ length: 200 }, (_, at) => `word${at}`).join(' '),
  'Where is 北京?': '北京在中国北方。',
}

let stage: Stage
let context: BrowserContext
let trouble: Trouble

beforeAll(async () => {
  stage = await openStage(play(answers), { keeps: true })
})
afterAll(() => stage.close())
afterEach(async () => {
  await context.close()
  stage.engine.script = play(answers)
  // A server that goes away, and conversations that are not there, are told in the console by the browser itself.
  trouble.errors = trouble.errors.filter((error) => !/net::ERR_|status of (?:404|503)/u.test(error))
  expect(trouble).toEqual({ dialogs: [], outside: [], errors: [] })
})

async function open(options: BrowserContextOptions = {}, path = '/'): Promise<Page> {
  context = await stage.browser.newContext({ locale: 'en-GB', viewport: { width: 1180, height: 800 }, ...options })
  trouble = collectTrouble(context, stage.url)
  return visit(path)
}

async function visit(path = '/'): Promise<Page> {
  const page = await context.newPage()
  await page.goto(stage.url + path)
  await page.locator('#message').waitFor()
  return page
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('#message').fill(text)
  await page.keyboard.press('Enter')
}

async function shown(page: Page): Promise<string[]> {
  await page.locator('article[data-role="assistant"]').last().waitFor()
  await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
  return page.locator('.said, .prose').allInnerTexts()
}

const rows = (page: Page) => page.locator('.one a')

test('conversations are kept: another browser finds them by day, opens them, and goes on', async () => {
  const page = await open()
  await say(page, 'hello')
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  expect(await rows(page).first().innerText()).toBe('hello')
  expect(new URL(page.url()).searchParams.get('c')).toMatch(/^conv_/)
  await context.close()
  const other = await open()
  await rows(other).first().click()
  expect(await shown(other)).toEqual(['hello', 'Hello you.'])
  await say(other, 'again')
  expect(await shown(other)).toEqual(['hello', 'Hello you.', 'again', 'I was asked: again'])
  await other.goBack()
  await other.getByRole('heading', { name: 'A ChatGPT that you own' }).waitFor()
})

test('a refresh, a closed page and a second tab in mid-stream lose nothing', async () => {
  const page = await open()
  stage.engine.script = { ...play(answers), delayMs: 8 }
  await say(page, 'slow')
  await page.locator('.prose').getByText('word5 ').waitFor()
  await page.reload()
  await page.locator('[data-state="writing"] .prose').getByText('word5 ').waitFor()
  const tab = await visit(new URL(page.url()).search)
  await page.close()
  expect((await shown(tab)).at(-1)).toBe(answers.slow)
  await tab.reload()
  expect((await shown(tab)).at(-1)).toBe(answers.slow)
})

test('a server that restarts in mid-stream keeps the part, marks it, and lets it go on', async () => {
  const page = await open()
  stage.engine.script = { ...play(answers), delayMs: 20 }
  await say(page, 'slow')
  await page.locator('.prose').getByText('word5 ').waitFor()
  await stage.down()
  await page.locator('[data-health="offline"]').waitFor()
  await stage.up()
  await page.getByText('The server ended while this was being written.').waitFor()
  stage.engine.script = { tokens: () => [' and the end.'] }
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.locator('[data-state="done"] .prose').getByText('and the end.').waitFor()
  const whole = (await shown(page)).at(-1) ?? ''
  expect(whole).toMatch(/^word0 word1 .*and the end\.$/u)
  await page.reload()
  expect((await shown(page)).at(-1)).toBe(whole)
}, 90_000)

test('stop reaches the engine, and what waited in the queue is sent next; steering sends at once', async () => {
  const page = await open()
  stage.engine.script = { ...play(answers), delayMs: 10 }
  await say(page, 'slow')
  await page.locator('.prose').getByText('word3 ').waitFor()
  await say(page, 'hello')
  await page.locator('.queue li').waitFor()
  await page.locator('#message').fill('now')
  await page.keyboard.press('Control+Enter')
  await page.locator('article[data-state="stopped"]').waitFor()
  await page.locator('.prose').getByText('I was asked: now').waitFor()
  await page.locator('.said').getByText('hello').waitFor()
  const all = await shown(page)
  expect([all[2], all[4]]).toEqual(['now', 'hello'])
  await page.locator('.queue').waitFor({ state: 'detached' })
})

test('branches, another wording and the branch that was shown are the same after a refresh', async () => {
  const page = await open()
  await say(page, 'hello')
  await shown(page)
  await page.getByRole('button', { name: 'Redo' }).click()
  expect(await shown(page)).toEqual(['hello', 'Good day.'])
  await page.getByRole('button', { name: 'Earlier version' }).click()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  await page.waitForLoadState('networkidle')
  await page.reload()
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  expect(await page.locator('.branches').innerText()).toMatch(/1 \/ 2/)
})

test('search finds Chinese words from the keyboard and opens at the message', async () => {
  const page = await open()
  await say(page, 'Where is 北京?')
  await shown(page)
  await say(page, 'slow')
  await shown(page)
  await page.keyboard.press('Control+Shift+o')
  await page.getByRole('heading', { name: 'A ChatGPT that you own' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('北方')
  await page.locator('.palette mark').getByText('北方').first().waitFor()
  await page.keyboard.press('Enter')
  await page.locator('article').getByText('北京在中国北方').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent ?? '')).toContain('北京在中国北方')
})

test('a conversation is renamed, pinned, filed, archived, deleted and brought back', async () => {
  const page = await open()
  await say(page, 'to be kept')
  await shown(page)
  const menu = async (item: string) => {
    await rows(page).first().hover()
    await page.locator('.one button').first().click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await menu('Rename')
  await page.getByLabel('New title').fill('Renamed 点线')
  await page.keyboard.press('Enter')
  await rows(page).getByText('Renamed 点线').waitFor()
  await menu('Pin')
  await page.getByRole('heading', { name: 'Pinned' }).waitFor()
  await menu('Unpin')
  await menu('Move to folder')
  await page.getByRole('menuitem', { name: 'New folder' }).click()
  await page.getByLabel('Name of the folder').fill('Desk')
  await page.getByLabel('Instructions for its conversations').fill('Answer like a clerk.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Desk' }).waitFor()
  await page.locator('.group:has-text("Desk") + .one').getByText('Renamed').waitFor()
  await say(page, 'how are you')
  await shown(page)
  const asked = stage.engine.requests.filter((request) => request.background !== true).at(-1)
  expect(asked && 'messages' in asked && asked.messages[0]).toEqual({ role: 'system', content: 'Answer like a clerk.' })
  await menu('Delete')
  await page.getByText('Conversation deleted.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await rows(page).getByText('Renamed 点线').waitFor()
  await menu('Archive')
  await rows(page).getByText('Renamed 点线').waitFor({ state: 'detached' })
})

test('a temporary chat leaves nothing behind', async () => {
  const page = await open()
  const before = await rows(page).count()
  await page.getByRole('button', { name: 'Temporary' }).click()
  await page.getByText('Nothing of it is stored').waitFor()
  await say(page, 'hello')
  expect(await shown(page)).toEqual(['hello', 'Hello you.'])
  await page.reload()
  await page.getByRole('heading', { name: 'A ChatGPT that you own' }).waitFor()
  expect(await rows(page).count()).toBe(before)
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
  expect(kept).not.toContain('Hello')
})

test('a thumb down with a better answer becomes a pair that training reads, once there is consent', async () => {
  const page = await open()
  await say(page, 'judge me')
  await shown(page)
  await page.getByRole('button', { name: 'Bad answer' }).click()
  await page.getByRole('button', { name: 'Not true' }).click()
  await page.getByLabel('Your own better answer').fill('A better one.')
  await page.getByRole('button', { name: 'Send' }).first().click()
  await page.locator('.branches').getByText('2 / 2').waitFor()
  expect((await shown(page)).at(-1)).toBe('A better one.')
  await page.getByRole('button', { name: 'Your data' }).click()
  await page.getByLabel('The model may learn from my opinions').check()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the pairs' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('preferences.jsonl')
  const stream = await download.createReadStream()
  const lines = (await stream.toArray()).join('').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toContainEqual({
    prompt: [{ role: 'user', content: 'judge me' }],
    chosen: [{ role: 'assistant', content: 'A better one.' }],
    rejected: [{ role: 'assistant', content: 'I was asked: judge me' }],
  })
})

test('two tabs show the same, and a draft survives a closed one', async () => {
  const page = await open()
  await say(page, 'hello')
  await shown(page)
  const tab = await visit(new URL(page.url()).search)
  await shown(tab)
  await say(tab, 'from the other tab')
  await shown(tab)
  await page.locator('.prose').getByText('I was asked: from the other tab').waitFor()
  await tab.locator('#message').fill('half a thought')
  await tab.close()
  const again = await visit(new URL(page.url()).search)
  expect(await again.locator('#message').inputValue()).toBe('half a thought')
})
