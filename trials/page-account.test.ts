import axe from 'axe-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { english } from './page/pictures.ts'
import { play } from './page/play.ts'
import { openStage, type Stage } from './page/stage.ts'

const password = 'correct horse battery'
let stage: Stage
beforeAll(async () => {
  stage = await openStage(play(english.answers), { keeps: true })
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ email: 'owner@example.org', name: 'Owner', password })
  const made = await fetch(`${stage.url}/api/account/first`, { method: 'POST', headers, body })
  expect(made.status).toBe(201)
})
afterAll(() => stage.close())

test('where there are accounts the page asks who comes, lets the right one in, and out again', async () => {
  const context = await stage.browser.newContext({ locale: 'en-GB', viewport: { width: 1180, height: 860 } })
  const page = await context.newPage()
  await page.goto(stage.url)
  const submit = page.getByRole('button', { name: 'Sign in' })
  await submit.waitFor()
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => (globalThis as unknown as { axe: typeof axe }).axe.run(document))
  expect(
    found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join()}`),
  ).toEqual([])
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/sign-in.png` })
  await page.getByLabel('Email address').fill('owner@example.org')
  await page.getByLabel('Password').fill('not it')
  await submit.click()
  await page.getByText('The address or the password is not right').waitFor()
  await page.getByLabel('Password').fill(password)
  await submit.click()
  await page.locator('#message').fill(english.first)
  await page.keyboard.press('Enter')
  await page.locator('article').filter({ hasText: english.first }).waitFor()
  await page.locator('[data-state="writing"]').first().waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('article').filter({ hasText: english.first }).waitFor()
  await page.keyboard.press('Control+k')
  await page
    .getByRole('option', { name: /your data|data/i })
    .first()
    .click()
  await page.getByText('Signed in as Owner').waitFor()
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/whose.png` })
  await page.getByRole('button', { name: 'Sign out' }).click()
  await submit.waitFor()
  expect(await page.locator('article').count()).toBe(0)
  await context.close()
})
