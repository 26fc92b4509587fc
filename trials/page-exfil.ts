import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { Figures } from './figures.ts'
import { outward } from './page/hostile.ts'
import { strange } from './page/inspect.ts'
import { bringTalks } from './page/kept-talks.ts'
import { openStage } from './page/stage.ts'
import { collectTrouble } from './page/trouble.ts'

/**
 * Answers that would carry what was said to somebody else: pictures, links, styles, fonts, hints to fetch. `--outputs` of
 * them are shown, hovered and printed: no request leaves, and every link names its host before anybody clicks.
 */
export async function main(args: string[]): Promise<void> {
  const options = {
    outputs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- page-exfil --outputs ${values.outputs}`)
  const stage = await openStage({ tokens: () => [] }, { keeps: true })
  try {
    const context = await stage.browser.newContext({ locale: 'en-GB' })
    const trouble = collectTrouble(context, stage.url)
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    const odd: string[] = []
    let links = 0
    const texts = outputs(Number(values.outputs), Number(values.seed))
    for (const id of await bringTalks(stage.url, texts)) {
      await page.goto(`${stage.url}/?c=${id}`)
      await page.locator('article').first().waitFor()
      links += await page.locator('.prose a[target]').count()
      // Browsers fetch ahead what one points at or tabs to.
      await page.locator('.prose a[target]').first().hover()
      await page.locator('.prose a[target]').last().focus()
      await page.emulateMedia({ media: 'print' })
      await page.emulateMedia({ media: 'screen' })
      odd.push(...(await strange(page.locator('main'))))
    }
    await page.waitForTimeout(500)
    await context.close()
    figures.record('page-exfil.outputs', texts.length, '')
    figures.record('page-exfil.links', links, 'shown')
    figures.record('page-exfil.requests', trouble.outside.length, 'that left', { op: '=', value: 0 })
    figures.record('page-exfil.refused', trouble.errors.length, 'tries that only the policy stopped', {
      op: '=',
      value: 0,
    })
    figures.record('page-exfil.unnamed', odd.length, 'hosts not shown, or fetching elements', { op: '=', value: 0 })
    for (const line of [...trouble.outside, ...trouble.errors, ...odd].slice(0, 10)) figures.note(line)
  } finally {
    await stage.close()
  }
  figures.finish()
}

/** The collected texts, then pairs of them among other words. */
function outputs(count: number, seed: number): string[] {
  const random = seededRandom(seed)
  const one = () => outward[Math.floor(random() * outward.length)]
  return Array.from({ length: count }, (_, at) =>
    at < outward.length
      ? outward[at]
      : `Here is more:\n\n${one()}\n\n- ${one().split('\n')[0]}\n\nand **${one().split('\n')[0]}**`,
  )
}
