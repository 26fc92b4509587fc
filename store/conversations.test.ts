import * as vitest from 'vitest'
import { beforeAll, expect, test } from 'vitest'
import type { Store } from './open.ts'
import { codeOf, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

onEveryDatabase(vitest, 'conversations', (stage) => {
  let store: Store
  let ada: Someone
  let bob: Someone
  let now = 1_000_000
  beforeAll(async () => {
    store = (await stage.fresh(() => now++)).store
    ada = await someone(store, 'ada')
    bob = await someone(store, 'bob')
  })
  const say = (conversation: string, parent: string | null, text: string, role = 'user') =>
    store.conversations.addMessage(ada.owner, conversation, { parent, role, content: text, text })

  test('are trees: an edit and a second answer stand beside the first, and each branch can be shown', async () => {
    const { id } = await store.conversations.create(ada.owner, { title: 'tree' })
    const question = await say(id, null, 'What is a dot?')
    const answer = await say(id, question.id, 'A point.', 'assistant')
    const thanks = await say(id, answer.id, 'Thanks')
    const again = await store.conversations.addAlternative(ada.owner, id, answer.id, {
      role: 'assistant',
      content: 'A small mark.',
      text: 'A small mark.',
    })
    const edited = await store.conversations.addAlternative(ada.owner, id, question.id, {
      role: 'user',
      content: 'What is a line?',
      text: 'What is a line?',
    })
    const ids = async (leaf?: string) => (await store.conversations.branch(ada.owner, id, leaf)).map((each) => each.id)
    expect(await ids()).toEqual([edited.id])
    expect(await ids(again.id)).toEqual([question.id, again.id])
    expect(await ids(thanks.id)).toEqual([question.id, answer.id, thanks.id])
    const [root, second] = await store.conversations.branch(ada.owner, id, thanks.id)
    expect(root.alternatives).toEqual([question.id, edited.id])
    expect(second.alternatives).toEqual([answer.id, again.id])
    expect((await store.conversations.choose(ada.owner, id, answer.id)).leaf).toBe(thanks.id)
    expect(await ids()).toEqual([question.id, answer.id, thanks.id])
    expect((await store.conversations.tree(ada.owner, id)).map((node) => node.parent)).toEqual([
      null,
      question.id,
      answer.id,
      question.id,
      null,
    ])
  })

  test('keep what was said to the letter, NUL and lone surrogates in it', async () => {
    const { id } = await store.conversations.create(ada.owner)
    const content = [{ type: 'text', text: 'a\0b \ud800 𝄞 点线' }]
    const said = await store.conversations.addMessage(ada.owner, id, {
      parent: null,
      role: 'user',
      content,
      text: 'a\0b',
    })
    expect((await store.conversations.getMessage(ada.owner, id, said.id)).content).toEqual(content)
    expect(await codeOf(store.conversations.create(ada.owner, { title: 'a\0b' }))).toBe('invalid')
  })

  test('grow while an answer is written, and search follows', async () => {
    const { id } = await store.conversations.create(ada.owner, { title: 'growing' })
    const part = await store.conversations.addMessage(ada.owner, id, {
      parent: null,
      role: 'assistant',
      content: 'Half of',
      text: 'Half of',
      status: 'partial',
    })
    await store.conversations.amendMessage(ada.owner, id, part.id, {
      content: 'Zebras graze',
      text: 'Zebras graze',
      status: 'complete',
      detail: { tokens: 2 },
    })
    const [message] = await store.conversations.branch(ada.owner, id)
    expect(message).toMatchObject({ content: 'Zebras graze', status: 'complete', detail: { tokens: 2 } })
    expect((await store.search.messages(ada.owner, 'zebras')).data).toHaveLength(1)
    expect((await store.search.messages(ada.owner, '"half of"')).data).toEqual([])
  })

  test('are listed page by page, pinned ones first, the newest next, none twice and none left out', async () => {
    const carl = await someone(store, 'carl')
    const made: string[] = []
    for (let at = 0; at < 45; at++) made.push((await store.conversations.create(carl.owner, { title: `${at}` })).id)
    await store.conversations.update(carl.owner, made[3], { pinned: true })
    await store.conversations.update(carl.owner, made[4], { archived: true })
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.conversations.list(carl.owner, { limit: 10, after })
      seen.push(...page.data.map((each) => each.id))
      after = page.next ?? undefined
    } while (after !== undefined)
    const expected = [made[3], ...made.toReversed().filter((id) => id !== made[3] && id !== made[4])]
    expect(seen).toEqual(expected)
    expect((await store.conversations.list(carl.owner, { archived: true })).data.map(({ id }) => id)).toEqual([made[4]])
    expect(await codeOf(store.conversations.list(carl.owner, { after: 'bm9uc2Vuc2U' }))).toBe('invalid')
  })

  test('go with their messages, and search finds nothing of them', async () => {
    const { id } = await store.conversations.create(ada.owner)
    const said = await say(id, null, 'a quokka under the tree')
    expect((await store.search.messages(ada.owner, 'quokka')).data.map((hit) => hit.message)).toEqual([said.id])
    await store.conversations.delete(ada.owner, id)
    expect((await store.search.messages(ada.owner, 'quokka')).data).toEqual([])
    expect(await codeOf(store.conversations.getMessage(ada.owner, id, said.id))).toBe('absent')
    expect(await codeOf(store.conversations.delete(ada.owner, id))).toBe('absent')
  })

  test('that are discarded are gone for everyone until they are brought back, and for good after a while', async () => {
    const [first, second] = [await store.conversations.create(ada.owner), await store.conversations.create(ada.owner)]
    await say(first.id, null, 'a pangolin')
    await say(second.id, null, 'another pangolin')
    for (const { id } of [first, second]) await store.conversations.discard(ada.owner, id)
    expect((await store.search.messages(ada.owner, 'pangolin')).data).toEqual([])
    const listed = async () => (await store.conversations.list(ada.owner, { limit: 100 })).data.map(({ id }) => id)
    expect(await listed()).not.toContain(first.id)
    expect(await codeOf(store.conversations.get(ada.owner, first.id))).toBe('absent')
    expect(await codeOf(say(first.id, null, 'more'))).toBe('absent')
    expect(await codeOf(store.conversations.discard(ada.owner, first.id))).toBe('absent')
    expect((await store.conversations.restore(ada.owner, first.id)).id).toBe(first.id)
    expect((await store.search.messages(ada.owner, 'pangolin')).data).toHaveLength(1)
    expect(await store.conversations.sweep(60_000)).toBe(0)
    expect(await store.conversations.sweep(0)).toBe(1)
    expect(await codeOf(store.conversations.restore(ada.owner, second.id))).toBe('absent')
    expect(await listed()).toContain(first.id)
  })

  test('lie in folders, and outlive them', async () => {
    const desk = await store.folders.create(ada.owner, { name: 'Desk', settings: { instructions: 'Be brief.' } })
    const { id } = await store.conversations.create(ada.owner, { folder: desk.id })
    const loose = await store.conversations.create(ada.owner)
    const inside = async (folder: string | null) =>
      (await store.conversations.list(ada.owner, { folder, limit: 100 })).data.map((each) => each.id)
    expect(await inside(desk.id)).toEqual([id])
    expect(await inside(null)).not.toContain(id)
    await store.conversations.update(ada.owner, loose.id, { folder: desk.id })
    expect(await inside(desk.id)).toEqual([loose.id, id])
    expect(await codeOf(store.conversations.update(ada.owner, id, { folder: 'folder_none' }))).toBe('absent')
    expect((await store.folders.update(ada.owner, desk.id, { name: 'Help desk' })).name).toBe('Help desk')
    await store.folders.delete(ada.owner, desk.id)
    expect(await inside(null)).toContain(id)
    expect(await store.folders.list(ada.owner)).toEqual([])
  })

  test('from elsewhere keep their times and their branches', async () => {
    const message = (id: string, parent: string | null, text: string, created: number) => ({
      id,
      parent,
      role: 'user',
      content: text,
      text,
      created,
    })
    const given = {
      title: 'Older',
      created: 1000,
      updated: 2000,
      leaf: 'b',
      messages: [message('a', null, 'an axolotl', 1000), message('b', 'a', 'yes', 1500), message('c', 'a', 'no', 2000)],
    }
    const { id, created, updated } = await store.conversations.bring(ada.owner, given)
    expect([created, updated]).toEqual([1000, 2000])
    const branch = await store.conversations.branch(ada.owner, id)
    expect(branch.map((each) => [each.content, each.created, each.alternatives.length])).toEqual([
      ['an axolotl', 1000, 1],
      ['yes', 1500, 2],
    ])
    expect((await store.search.messages(ada.owner, 'axolotl')).data).toHaveLength(1)
    const twisted = { ...given, messages: [message('b', 'a', 'yes', 1), message('a', null, 'no', 1)] }
    expect(await codeOf(store.conversations.bring(ada.owner, twisted))).toBe('invalid')
  })

  test('have preferences beside them, each kept under its name', async () => {
    await store.preferences.set(ada.owner, 'instructions', { text: 'Be kind.' })
    await store.preferences.set(ada.owner, 'instructions', { text: 'Be brief. 点线' })
    await store.preferences.set(ada.owner, 'size', 2)
    expect(await store.preferences.all(ada.owner)).toEqual({ instructions: { text: 'Be brief. 点线' }, size: 2 })
    await store.preferences.remove(ada.owner, 'size')
    expect(await store.preferences.get(ada.owner, 'size')).toBe(null)
    expect(await store.preferences.all(bob.owner)).toEqual({})
  })

  test('of another are answered as if they were not there, in the same words', async () => {
    const { id } = await store.conversations.create(ada.owner)
    const said = await say(id, null, 'private')
    const words = async (call: Promise<unknown>) =>
      await call.then(
        () => 'answered',
        (error: Error) => error.message,
      )
    const tries = (conversation: string, message: string) => [
      store.conversations.get(bob.owner, conversation),
      store.conversations.update(bob.owner, conversation, { title: 'mine' }),
      store.conversations.delete(bob.owner, conversation),
      store.conversations.branch(bob.owner, conversation),
      store.conversations.tree(bob.owner, conversation),
      store.conversations.messages(bob.owner, conversation),
      store.conversations.choose(bob.owner, conversation, message),
      store.conversations.getMessage(bob.owner, conversation, message),
      store.conversations.amendMessage(bob.owner, conversation, message, { content: 'x' }),
      store.conversations.addMessage(bob.owner, conversation, {
        parent: message,
        role: 'user',
        content: 'x',
        text: 'x',
      }),
      store.conversations.addAlternative(bob.owner, conversation, message, { role: 'user', content: 'x', text: 'x' }),
    ]
    const foreign = await Promise.all(tries(id, said.id).map(words))
    const missing = await Promise.all(tries('conv_none', 'msg_none').map(words))
    expect(foreign.map((text) => text.replaceAll(id, 'ID').replaceAll(said.id, 'M'))).toEqual(
      missing.map((text) => text.replaceAll('conv_none', 'ID').replaceAll('msg_none', 'M')),
    )
    expect(foreign).not.toContain('answered')
    expect((await store.conversations.getMessage(ada.owner, id, said.id)).content).toBe('private')
    // A message may be taken as the parent of one in its own conversation alone.
    const other = await store.conversations.create(ada.owner)
    expect(await codeOf(say(other.id, said.id, 'x'))).toBe('absent')
  })
})
