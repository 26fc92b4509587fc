import type { Call } from '../ground/operation.ts'
import type { Store } from '../open.ts'
import type { Someone } from './stage.ts'

let count = 0
/** What must not be the same when an attempt is made a second time. */
const unique = (): number => count++

/** Everything that one person has, by name. */
export interface Things extends Someone {
  conversation: string
  folder: string
  message: string
  stream: string
  file: string
  response: string
  completion: string
  upload: string
  batch: string
  job: string
  holder: string
  key: string
  session: string
  invitation: string
  usage: string
}

export type Attempt = (store: Store, who: Someone, ids: Things) => Call

/**
 * Each operation that works on something that somebody has, called by `who` on `ids`. What works for everybody at once
 * (credentials, sweeps, the installation's own) stands in `installation`; a new operation must stand in one of the two.
 */
export const attempts: Record<string, Attempt> = {
  'organisations.get': (s, who) => s.plan.organisations.get(who.organisation),
  'organisations.update': (s, who) => s.plan.organisations.update(who.organisation, { name: 'x' }),
  'organisations.createProject': (s, who) => s.plan.organisations.createProject(who.organisation, { name: 'x' }),
  'organisations.getProject': (s, who, ids) => s.plan.organisations.getProject(who.organisation, ids.project),
  'organisations.projects': (s, who) => s.plan.organisations.projects(who.organisation),
  'organisations.updateProject': (s, who, ids) =>
    s.plan.organisations.updateProject(who.organisation, ids.project, { name: 'x' }),
  'organisations.members': (s, who) => s.plan.organisations.members(who.organisation),
  'organisations.setMember': (s, who, ids) =>
    s.plan.organisations.setMember(who.organisation, who.person, ids.project, 'admin'),
  'organisations.removeMember': (s, who, ids) =>
    s.plan.organisations.removeMember(who.organisation, ids.person, ids.project),
  'organisations.keepOwner': (s, who, ids) => s.plan.organisations.keepOwner(who.organisation, ids.person),
  'organisations.memberships': (s, who) => s.plan.organisations.memberships(who.person),
  'organisations.owner': (s, who, ids) => s.plan.organisations.owner(who.organisation, ids.project, who.person),
  'organisations.ownerThere': (s, who, ids) =>
    s.plan.organisations.ownerThere(who.organisation, ids.project, who.person),
  'organisations.handOver': (s, who, ids) => s.plan.organisations.handOver(who.organisation, ids.project, who.person),
  'organisations.erase': (s, who, ids) => s.plan.organisations.erase(who.organisation, ids.owner),
  'organisations.invite': (s, who, ids) =>
    s.plan.organisations.invite(who.organisation, {
      hash: `invitation ${unique()}`,
      email: 'x@example.org',
      project: ids.project,
      role: 'member',
      inviter: who.person,
      expires: 9e15,
    }),
  'organisations.invitations': (s, who) => s.plan.organisations.invitations(who.organisation),
  'organisations.withdrawInvitation': (s, who, ids) =>
    s.plan.organisations.withdrawInvitation(who.organisation, ids.invitation),
  'accounts.get': (s, who) => s.plan.accounts.get(who.person),
  'accounts.update': (s, who) => s.plan.accounts.update(who.person, { name: 'x' }),
  'accounts.link': (s, who) => s.plan.accounts.link(who.person, 'issuer', `subject ${who.person}`),
  'accounts.startSession': (s, who) =>
    s.plan.accounts.startSession(who.person, { hash: `session ${unique()}`, agent: '', address: '', expires: 9e15 }),
  'accounts.sessions': (s, who) => s.plan.accounts.sessions(who.person),
  'accounts.touchSession': (s, who, ids) => s.plan.accounts.touchSession(who.person, ids.session),
  'accounts.endSession': (s, who, ids) => s.plan.accounts.endSession(who.person, ids.session),
  'accounts.endSessions': (s, who) => s.plan.accounts.endSessions(who.person),
  'keys.create': (s, who, ids) =>
    s.plan.keys.create(who.organisation, {
      project: ids.project,
      person: who.person,
      name: '',
      prefix: '',
      scopes: [],
      hash: `key ${unique()}`,
    }),
  'keys.get': (s, who, ids) => s.plan.keys.get(who.organisation, ids.key),
  'keys.list': (s, who, ids) => s.plan.keys.list(who.organisation, { project: ids.project }),
  'keys.rename': (s, who, ids) => s.plan.keys.rename(who.organisation, ids.key, 'x'),
  'keys.revoke': (s, who, ids) => s.plan.keys.revoke(who.organisation, ids.key),
  'keys.touch': (s, who, ids) => s.plan.keys.touch(who.organisation, ids.key),
  'limits.set': (s, who) =>
    s.plan.limits.set(who.organisation, { subject: 'organisation', metric: 'tokens', period: 'day', maximum: 1 }),
  'limits.list': (s, who) => s.plan.limits.list(who.organisation),
  'limits.remove': (s, who, ids) =>
    s.plan.limits.remove(who.organisation, { subject: `key:${ids.key}`, metric: 'tokens', period: 'day' }),
  'prices.set': (s, who) =>
    s.plan.prices.set(who.organisation, { model: 'm', since: 5, currency: 'EUR', input: 0, cached: 0, output: 0 }),
  'prices.list': (s, who) => s.plan.prices.list(who.organisation),
  'prices.remove': (s, who, ids) => s.plan.prices.remove(who.organisation, `model ${ids.key}`, 0),
  'usage.reserve': (s, who) =>
    s.plan.usage.reserve(who.organisation, {
      project: '',
      person: '',
      key: '',
      model: '',
      kind: '',
      request: '',
      tokens: 0,
      charges: [],
    }),
  'usage.get': (s, who, ids) => s.plan.usage.get(who.organisation, ids.usage),
  'usage.progress': (s, who, ids) =>
    s.plan.usage.progress(who.organisation, ids.usage, { input: 1, cached: 0, output: 1 }),
  'usage.settle': (s, who, ids) => s.plan.usage.settle(who.organisation, ids.usage, { input: 1, cached: 0, output: 1 }),
  'usage.entries': (s, who, ids) =>
    s.plan.usage.entries(who.organisation, { from: 0, until: 9e15, only: { key: ids.key } }),
  'usage.report': (s, who, ids) =>
    s.plan.usage.report(who.organisation, { from: 0, until: 9e15, only: { key: ids.key } }),
  'audit.append': (s, who) => s.plan.audit.append(who.organisation, { actor: 'a', action: 'b', target: 'c' }),
  'audit.list': (s, who) => s.plan.audit.list(who.organisation),
  'conversations.create': (s, who, ids) => s.plan.conversations.create(who.owner, { id: `own ${ids.conversation}` }),
  'conversations.get': (s, who, ids) => s.plan.conversations.get(who.owner, ids.conversation),
  'conversations.list': (s, who) => s.plan.conversations.list(who.owner),
  'conversations.update': (s, who, ids) => s.plan.conversations.update(who.owner, ids.conversation, { title: 'x' }),
  'conversations.delete': (s, who, ids) => s.plan.conversations.delete(who.owner, ids.conversation),
  'conversations.discard': (s, who, ids) => s.plan.conversations.discard(who.owner, ids.conversation),
  'conversations.restore': (s, who, ids) => s.plan.conversations.restore(who.owner, ids.conversation),
  'conversations.bring': (s, who, ids) =>
    s.plan.conversations.bring(who.owner, {
      title: 'x',
      folder: ids.folder,
      created: 1,
      updated: 1,
      leaf: null,
      messages: [],
    }),
  'folders.create': (s, who) => s.plan.folders.create(who.owner, { name: 'x' }),
  'folders.list': (s, who) => s.plan.folders.list(who.owner),
  'folders.get': (s, who, ids) => s.plan.folders.get(who.owner, ids.folder),
  'folders.update': (s, who, ids) => s.plan.folders.update(who.owner, ids.folder, { name: 'x' }),
  'folders.delete': (s, who, ids) => s.plan.folders.delete(who.owner, ids.folder),
  'preferences.get': (s, who) => s.plan.preferences.get(who.owner, 'chosen'),
  'preferences.all': (s, who) => s.plan.preferences.all(who.owner),
  'preferences.set': (s, who) => s.plan.preferences.set(who.owner, 'chosen', 'x'),
  'preferences.remove': (s, who) => s.plan.preferences.remove(who.owner, 'chosen'),
  'conversations.deleteAll': (s, who) => s.plan.conversations.deleteAll(who.owner),
  'conversations.addMessage': (s, who, ids) =>
    s.plan.conversations.addMessage(who.owner, ids.conversation, {
      parent: ids.message,
      role: 'user',
      content: 'x',
      text: 'x',
    }),
  'conversations.addAlternative': (s, who, ids) =>
    s.plan.conversations.addAlternative(who.owner, ids.conversation, ids.message, {
      role: 'user',
      content: 'x',
      text: 'x',
    }),
  'conversations.amendMessage': (s, who, ids) =>
    s.plan.conversations.amendMessage(who.owner, ids.conversation, ids.message, { content: 'x', text: 'x' }),
  'conversations.getMessage': (s, who, ids) =>
    s.plan.conversations.getMessage(who.owner, ids.conversation, ids.message),
  'conversations.choose': (s, who, ids) => s.plan.conversations.choose(who.owner, ids.conversation, ids.message),
  'conversations.branch': (s, who, ids) => s.plan.conversations.branch(who.owner, ids.conversation, ids.message),
  'conversations.tree': (s, who, ids) => s.plan.conversations.tree(who.owner, ids.conversation),
  'conversations.messages': (s, who, ids) => s.plan.conversations.messages(who.owner, ids.conversation),
  'search.messages': (s, who) => s.plan.search.messages(who.owner, 'canary'),
  'search.titles': (s, who) => s.plan.search.titles(who.owner, 'canary'),
  'idempotency.begin': (s, who) => s.plan.idempotency.begin(who.owner, `key ${unique()}`, 'body'),
  'idempotency.finish': (s, who, ids) => s.plan.idempotency.finish(who.owner, 'key', ids.holder, 'forged'),
  'idempotency.release': (s, who, ids) => s.plan.idempotency.release(who.owner, 'key', ids.holder),
  'idempotency.known': (s, who) => s.plan.idempotency.known(who.owner, 'key'),
  'idempotency.replay': (s, who) => s.plan.idempotency.replay(who.owner, 'key', 'forged'),
  'idempotency.once': (s, who) =>
    s.plan.idempotency.once(who.owner, 'other key', 'body', s.plan.conversations.list(who.owner)),
  'streams.start': (s, who, ids) => s.plan.streams.start(who.owner, { id: `own ${ids.stream}` }),
  'streams.append': (s, who, ids) => s.plan.streams.append(who.owner, ids.stream, 1, ['x']),
  'streams.finish': (s, who, ids) => s.plan.streams.finish(who.owner, ids.stream, 'failed'),
  'streams.read': (s, who, ids) => s.plan.streams.read(who.owner, ids.stream, -1),
  'files.add': (s, who) =>
    s.plan.files.add(who.owner, { name: '', purpose: '', type: '', hash: 'a'.repeat(64), bytes: 1 }, 100),
  'files.get': (s, who, ids) => s.plan.files.get(who.owner, ids.file),
  'files.list': (s, who) => s.plan.files.list(who.owner),
  'files.delete': (s, who, ids) => s.plan.files.delete(who.owner, ids.file),
  'files.used': (s, who) => s.plan.files.used(who.owner),
  'uploads.create': (s, who) =>
    s.plan.uploads.create(who.owner, { name: 'x', purpose: 'x', bytes: 1, expires: 9e15, lifetime: null }),
  'uploads.get': (s, who, ids) => s.plan.uploads.get(who.owner, ids.upload),
  'uploads.parts': (s, who, ids) => s.plan.uploads.parts(who.owner, ids.upload),
  'uploads.cancel': (s, who, ids) => s.plan.uploads.cancel(who.owner, ids.upload),
  'uploads.complete': (s, who, ids) =>
    s.plan.uploads.complete(
      who.owner,
      ids.upload,
      { name: '', purpose: '', type: '', hash: 'a'.repeat(64), bytes: 1 },
      100,
    ),
  'responses.create': (s, who, ids) =>
    s.plan.responses.create(who.owner, {
      id: 'resp_new',
      previous: ids.response,
      status: 'completed',
      input: [],
      body: {},
    }),
  'responses.update': (s, who, ids) => s.plan.responses.update(who.owner, ids.response, { status: 'x', body: {} }),
  'responses.get': (s, who, ids) => s.plan.responses.get(who.owner, ids.response),
  'responses.chain': (s, who, ids) => s.plan.responses.chain(who.owner, ids.response),
  'responses.finish': (s, who, ids) =>
    s.plan.responses.finish(who.owner, ids.response, { status: 'forged', body: 'forged' }),
  'completions.create': (s, who) =>
    s.plan.completions.create(who.owner, {
      id: `own ${unique()}`,
      model: '',
      metadata: {},
      input: [],
      body: {},
      expires: 9e15,
    }),
  'completions.get': (s, who, ids) => s.plan.completions.get(who.owner, ids.completion),
  'completions.list': (s, who) => s.plan.completions.list(who.owner),
  'completions.update': (s, who, ids) => s.plan.completions.update(who.owner, ids.completion, { forged: 'yes' }),
  'completions.delete': (s, who, ids) => s.plan.completions.delete(who.owner, ids.completion),
  'items.append': (s, who, ids) =>
    s.plan.items.append(who.owner, ids.conversation, [{ role: 'user', content: 'forged', text: 'forged' }]),
  'items.get': (s, who, ids) => s.plan.items.get(who.owner, ids.conversation, ids.message),
  'items.list': (s, who, ids) => s.plan.items.list(who.owner, ids.conversation),
  'items.remove': (s, who, ids) => s.plan.items.remove(who.owner, ids.conversation, ids.message),
  'streams.forget': (s, who, ids) => s.plan.streams.forget(who.owner, ids.stream),
  'responses.delete': (s, who, ids) => s.plan.responses.delete(who.owner, ids.response),
  'batches.create': (s, who) =>
    s.plan.batches.create(who.owner, { endpoint: '', input: '', expires: 0, lines: [{ custom: '', request: {} }] }),
  'batches.begin': (s, who, ids) => s.plan.batches.begin(who.owner, ids.batch, [{ custom: 'forged', request: {} }]),
  'batches.reading': (s, who, ids) => s.plan.batches.reading(who.owner, ids.file),
  'batches.get': (s, who, ids) => s.plan.batches.get(who.owner, ids.batch),
  'batches.list': (s, who) => s.plan.batches.list(who.owner),
  'batches.open': (s, who, ids) => s.plan.batches.open(who.owner, ids.batch),
  'batches.lines': (s, who, ids) => s.plan.batches.lines(who.owner, ids.batch),
  'batches.answer': (s, who, ids) => s.plan.batches.answer(who.owner, ids.batch, 0, 'completed', 'forged'),
  'batches.setStatus': (s, who, ids) => s.plan.batches.setStatus(who.owner, ids.batch, 'cancelled'),
  'jobs.create': (s, who) => s.plan.jobs.create(who.owner, { kind: 'own', input: {} }),
  'jobs.get': (s, who, ids) => s.plan.jobs.get(who.owner, ids.job),
  'jobs.list': (s, who) => s.plan.jobs.list(who.owner),
  'jobs.cancel': (s, who, ids) => s.plan.jobs.cancel(who.owner, ids.job),
  'jobs.beat': (s, who, ids) => s.plan.jobs.beat(who.owner, ids.job, ids.holder),
  'jobs.step': (s, who, ids) => s.plan.jobs.step(who.owner, ids.job, ids.holder, 'step', 'forged'),
  'jobs.finish': (s, who, ids) => s.plan.jobs.finish(who.owner, ids.job, ids.holder, 'forged'),
  'jobs.fail': (s, who, ids) => s.plan.jobs.fail(who.owner, ids.job, ids.holder, 'forged'),
  'jobs.release': (s, who, ids) => s.plan.jobs.release(who.owner, ids.job, ids.holder),
  'feedback.set': (s, who, ids) =>
    s.plan.feedback.set(who.owner, {
      conversation: ids.conversation,
      message: ids.message,
      rating: -1,
      reasons: [],
      comment: '',
    }),
  'feedback.get': (s, who, ids) => s.plan.feedback.get(who.owner, ids.conversation),
  'feedback.list': (s, who) => s.plan.feedback.list(who.owner),
  'feedback.remove': (s, who, ids) => s.plan.feedback.remove(who.owner, ids.conversation, ids.message),
  'consents.give': (s, who) => s.plan.consents.give(who.person, 'training', '9'),
  'consents.withdraw': (s, who) => s.plan.consents.withdraw(who.person, 'training'),
  'consents.history': (s, who) => s.plan.consents.history(who.person),
}

/** Not tied to somebody's rows by its first argument: credentials, the installation, sweeps, leases, and the two below. */
export const installation = new Set([
  'accounts.byEmail',
  'accounts.byIdentity',
  'accounts.bySession',
  'accounts.count',
  'accounts.create',
  'accounts.delete',
  'audit.verify',
  'completions.sweep',
  'consents.holders',
  'conversations.sweep',
  'files.claim',
  'files.named',
  'files.sweepBlobs',
  'files.sweepExpired',
  'idempotency.sweep',
  'jobs.claim',
  'keys.find',
  'limits.giveBack',
  'limits.sweep',
  'limits.take',
  'limits.taken',
  'organisations.acceptInvitation',
  'organisations.create',
  'organisations.delete',
  'organisations.invitationBySecret',
  'organisations.list',
  'responses.lost',
  'responses.sweep',
  'streams.abandon',
  'streams.sweep',
  'together.all',
  'uploads.sweep',
  'usage.recover',
])
