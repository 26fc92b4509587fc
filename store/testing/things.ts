import type { Store } from '../open.ts'
import type { Things } from './attempts.ts'
import type { Someone } from './stage.ts'

/** Gives somebody one of everything that the store keeps, with a word in it that nobody else may ever see. */
export async function thingsOf(store: Store, name: string, at: Someone): Promise<Things> {
  const { organisation, project, person, owner } = at
  const text = `canary of ${name}`
  const folder = (await store.folders.create(owner, { name: text, settings: { text } })).id
  const conversation = (await store.conversations.create(owner, { title: text, folder })).id
  await store.preferences.set(owner, 'chosen', text)
  const message = await store.conversations.addMessage(owner, conversation, {
    parent: null,
    role: 'user',
    content: text,
    text,
  })
  const stream = await store.streams.start(owner)
  await store.streams.append(owner, stream, 0, [text])
  const file = await store.files.put(owner, { name: text, purpose: text, quota: 1e6 }, [Buffer.from(text)])
  const upload = await store.uploads.create(owner, { name: text, purpose: text, bytes: 9, expires: 9e15, lifetime: 1 })
  await store.files.put(owner, { name: upload.id, purpose: 'upload_part', quota: 1e6 }, [Buffer.from(text)])
  const response = `resp_${name}`
  await store.responses.create(owner, { id: response, status: 'completed', input: [text], body: { text } })
  const completion = `chatcmpl-${name}`
  const asked = { model: text, metadata: { text }, input: [text], body: { text }, expires: 9e15 }
  await store.completions.create(owner, { id: completion, ...asked })
  const lines = [{ custom: 'a', request: { text } }]
  const batch = await store.batches.create(owner, { endpoint: '/x', input: file.id, expires: 9e15, lines })
  const job = await store.jobs.create(owner, { kind: `kind ${name}`, input: { text } })
  const held = await store.jobs.claim([`kind ${name}`])
  const key = { project, person, name: text, hash: `key ${name}`, prefix: text, scopes: [text] }
  const { id: keyId } = await store.keys.create(organisation, key)
  const session = { hash: `session ${name}`, agent: text, address: text, expires: 9e15 }
  const invitation = {
    hash: `i ${name}`,
    email: `i-${name}@x`,
    project,
    role: 'member',
    inviter: person,
    expires: 9e15,
  } as const
  const use = { project, person, key: keyId, model: text, kind: 'chat', request: text, tokens: 1, charges: [] }
  await store.limits.set(organisation, { subject: `key:${keyId}`, metric: 'tokens', period: 'day', maximum: 5 })
  const price = { model: `model ${keyId}`, since: 0, currency: 'EUR', input: 1, cached: 1, output: 1 }
  await store.prices.set(organisation, price)
  await store.audit.append(organisation, { actor: person, action: text, target: text })
  await store.feedback.set(owner, { conversation, message: message.id, rating: 1, reasons: [text], comment: text })
  await store.consents.give(person, 'training', text)
  await store.idempotency.once(owner, 'key', 'body', store.plan.conversations.get(owner, conversation))
  return {
    ...at,
    conversation,
    folder,
    message: message.id,
    stream,
    file: file.id,
    response,
    completion,
    upload: upload.id,
    batch: batch.id,
    job: job.id,
    holder: held?.holder ?? '',
    key: keyId,
    session: (await store.accounts.startSession(person, session)).id,
    invitation: (await store.organisations.invite(organisation, invitation)).id,
    usage: (await store.usage.reserve(organisation, use)).id,
  }
}

/** Everything that somebody can see of what is theirs, as one text. */
export async function seenBy(store: Store, mine: Things): Promise<string> {
  const { organisation, owner, person } = mine
  const all = await Promise.all([
    store.organisations.get(organisation),
    store.organisations.projects(organisation),
    store.organisations.members(organisation),
    store.organisations.invitations(organisation),
    store.accounts.get(person),
    store.accounts.sessions(person),
    store.keys.list(organisation),
    store.limits.list(organisation),
    store.prices.list(organisation),
    store.usage.get(organisation, mine.usage),
    store.audit.list(organisation),
    store.conversations.list(owner),
    store.folders.list(owner),
    store.preferences.all(owner),
    store.conversations.messages(owner, mine.conversation),
    store.streams.read(owner, mine.stream, -1),
    store.files.list(owner),
    store.responses.get(owner, mine.response),
    store.completions.list(owner),
    store.uploads.parts(owner, mine.upload),
    store.batches.lines(owner, mine.batch),
    store.batches.list(owner),
    store.jobs.get(owner, mine.job),
    store.feedback.list(owner),
    store.consents.history(person),
    store.idempotency.begin(owner, 'key', 'body'),
  ])
  return JSON.stringify(all)
}
