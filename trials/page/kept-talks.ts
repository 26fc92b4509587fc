import { randomUUID } from 'node:crypto'

const perTalk = 40

/** Brings texts as answers of conversations that the server keeps, `perTalk` each. Returns their ids. */
export async function bringTalks(url: string, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < texts.length; from += perTalk) ids.push(await bring(url, texts.slice(from, from + perTalk)))
  return ids
}

async function bring(url: string, texts: readonly string[]): Promise<string> {
  const now = Date.now()
  let parent: string | null = null
  const messages = texts.flatMap((text) => {
    const asked = randomUUID()
    const answered = randomUUID()
    const pair = [
      { id: asked, parent, role: 'user', text, created: now },
      { id: answered, parent: asked, role: 'assistant', text, created: now, model: 'dotline-starter' },
    ]
    parent = answered
    return pair
  })
  const title =
    texts[0]
      .replace(/[\p{Cc}]/gu, ' ')
      .trim()
      .slice(0, 200) || 'nothing'
  const response = await fetch(`${url}/api/conversations/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, created: now, updated: now, leaf: parent, messages }),
  })
  if (response.status !== 201) throw new Error(`import: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { id: string }).id
}
