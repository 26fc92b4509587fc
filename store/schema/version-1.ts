import { type Kysely, sql } from 'kysely'
import { createTables, type DialectName, type Shape } from './shape.ts'

const inOrganisation = { columns: ['organisation'], table: 'organisations', key: ['id'] } as const
const ofOwner = { columns: ['owner'], table: 'owners', key: ['id'] } as const

/** Who there is, what they may use and have used, what was said. Never changed once released: later versions add. */
export const version1 = {
  organisations: {
    columns: { id: 'text', name: 'text', created: 'whole', disabled: 'whole?' },
    key: ['id'],
    scope: 'id',
  },
  projects: {
    columns: { organisation: 'text', id: 'text', name: 'text', created: 'whole', archived: 'whole?' },
    key: ['organisation', 'id'],
    scope: 'organisation',
    within: [inOrganisation],
  },
  people: {
    columns: {
      id: 'text',
      email: 'text',
      name: 'text',
      password: 'text?',
      totp: 'text?',
      created: 'whole',
      disabled: 'whole?',
    },
    key: ['id'],
    scope: 'id',
    unique: [['email']],
  },
  identities: {
    columns: { person: 'text', issuer: 'text', subject: 'text', created: 'whole' },
    key: ['issuer', 'subject'],
    scope: 'person',
    indexes: { person: ['person'] },
    within: [{ columns: ['person'], table: 'people', key: ['id'] }],
  },
  /** `project` is empty for a role in the whole organisation. */
  members: {
    columns: { organisation: 'text', project: 'text', person: 'text', role: 'text', created: 'whole' },
    key: ['organisation', 'project', 'person'],
    scope: 'organisation',
    indexes: { person: ['person'] },
    within: [inOrganisation, { columns: ['person'], table: 'people', key: ['id'] }],
  },
  invitations: {
    columns: {
      organisation: 'text',
      id: 'text',
      hash: 'text',
      email: 'text',
      project: 'text',
      role: 'text',
      inviter: 'text',
      created: 'whole',
      expires: 'whole',
      accepted: 'whole?',
    },
    key: ['organisation', 'id'],
    scope: 'organisation',
    unique: [['hash']],
    within: [inOrganisation],
  },
  sessions: {
    columns: {
      person: 'text',
      id: 'text',
      hash: 'text',
      agent: 'text',
      address: 'text',
      created: 'whole',
      seen: 'whole',
      expires: 'whole',
    },
    key: ['person', 'id'],
    scope: 'person',
    unique: [['hash']],
    within: [{ columns: ['person'], table: 'people', key: ['id'] }],
  },
  /** Whose conversations, files and jobs are: a person in a project, or a project. When it goes, all of that goes. */
  owners: {
    columns: { organisation: 'text', project: 'text', person: 'text', id: 'text', created: 'whole' },
    key: ['organisation', 'project', 'person'],
    scope: 'organisation',
    unique: [['id']],
    within: [inOrganisation],
  },
  /** The secret itself is nowhere: `hash` finds it, `prefix` shows which it is. */
  keys: {
    columns: {
      organisation: 'text',
      id: 'text',
      project: 'text',
      person: 'text',
      name: 'text',
      hash: 'text',
      prefix: 'text',
      scopes: 'text',
      models: 'text?',
      addresses: 'text?',
      created: 'whole',
      expires: 'whole?',
      used: 'whole?',
      revoked: 'whole?',
    },
    key: ['organisation', 'id'],
    scope: 'organisation',
    unique: [['hash']],
    within: [inOrganisation],
  },
  limits: {
    columns: { organisation: 'text', subject: 'text', metric: 'text', period: 'text', maximum: 'whole' },
    key: ['organisation', 'subject', 'metric', 'period'],
    scope: 'organisation',
    within: [inOrganisation],
  },
  /** What was taken of each limit in the period that began at `start`; the subject names whose it is. */
  counters: {
    columns: { subject: 'text', metric: 'text', start: 'whole', until: 'whole', value: 'whole' },
    key: ['subject', 'metric', 'start'],
    scope: 'subject',
    indexes: { until: ['until'] },
  },
  /** Per million tokens, in billionths of the currency; the newest `since` before a request holds for it. */
  prices: {
    columns: {
      organisation: 'text',
      model: 'text',
      since: 'whole',
      currency: 'text',
      input: 'whole',
      cached: 'whole',
      output: 'whole',
    },
    key: ['organisation', 'model', 'since'],
    scope: 'organisation',
    within: [inOrganisation],
  },
  /** A row per request: reserved before the engine sees it, settled with what was delivered. */
  ledger: {
    columns: {
      organisation: 'text',
      id: 'text',
      project: 'text',
      person: 'text',
      key: 'text',
      model: 'text',
      kind: 'text',
      request: 'text',
      state: 'text',
      outcome: 'text',
      created: 'whole',
      lease: 'whole',
      settled: 'whole?',
      reserved: 'whole',
      input: 'whole',
      cached: 'whole',
      output: 'whole',
      cost: 'whole',
      currency: 'text',
      charges: 'text',
    },
    key: ['organisation', 'id'],
    scope: 'organisation',
    indexes: { created: ['organisation', 'created'], open: ['state', 'lease'] },
    within: [inOrganisation],
  },
  /** Kept when the organisation is gone: who deleted it stands here. */
  audit: {
    columns: {
      organisation: 'text',
      seq: 'whole',
      at: 'whole',
      actor: 'text',
      action: 'text',
      target: 'text',
      detail: 'text',
      previous: 'text',
      hash: 'text',
    },
    key: ['organisation', 'seq'],
    scope: 'organisation',
  },
  /** Where each chain ends, so that a chain that lost its end is found. */
  audit_heads: {
    columns: { organisation: 'text', seq: 'whole', hash: 'text' },
    key: ['organisation'],
    scope: 'organisation',
  },
  conversations: {
    columns: {
      owner: 'text',
      id: 'text',
      title: 'text',
      model: 'text?',
      settings: 'text',
      leaf: 'text?',
      pinned: 'whole',
      archived: 'whole',
      created: 'whole',
      updated: 'whole',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { recent: ['owner', 'archived', 'pinned', 'updated', 'id'] },
    within: [ofOwner],
  },
  /** A tree: alternatives of an edited or regenerated message have the same parent. */
  messages: {
    columns: {
      seq: 'serial',
      owner: 'text',
      conversation: 'text',
      id: 'text',
      parent: 'text?',
      role: 'text',
      content: 'text',
      text: 'text',
      model: 'text?',
      status: 'text',
      detail: 'text',
      created: 'whole',
    },
    key: ['seq'],
    scope: 'owner',
    unique: [['owner', 'conversation', 'id']],
    indexes: { parent: ['owner', 'conversation', 'parent'] },
    within: [{ columns: ['owner', 'conversation'], table: 'conversations', key: ['owner', 'id'] }],
  },
  idempotency: {
    columns: {
      owner: 'text',
      key: 'text',
      fingerprint: 'text',
      state: 'text',
      holder: 'text',
      answer: 'text?',
      created: 'whole',
      until: 'whole',
    },
    key: ['owner', 'key'],
    scope: 'owner',
    indexes: { until: ['until'] },
    within: [ofOwner],
  },
} as const satisfies Record<string, Shape>

export async function createVersion1(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await createTables(db, dialect, version1)
  for (const statement of dialect === 'sqlite' ? sqliteBesides : postgresBesides) await sql.raw(statement).execute(db)
}

/**
 * The search index holds pieces of words (see search/grams.ts) by the message's number; the texts stand in `messages`
 * alone. The audit's rows cannot be changed or deleted by any statement of ours.
 */
const sqliteBesides = [
  `create virtual table message_grams using fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii')`,
  'create trigger messages_gone after delete on messages begin delete from message_grams where rowid = old.seq; end',
  `create trigger audit_unchanged before update on audit begin select raise(abort, 'the audit log is append-only'); end`,
  `create trigger audit_kept before delete on audit begin select raise(abort, 'the audit log is append-only'); end`,
]

const postgresBesides = [
  'create table message_grams (seq bigint primary key references messages (seq) on delete cascade, grams text[] not null)',
  'create index message_grams_found on message_grams using gin (grams)',
  `create function audit_refuses() returns trigger language plpgsql as $$ begin raise exception 'the audit log is append-only'; end $$`,
  'create trigger audit_unchanged before update or delete or truncate on audit for each statement execute function audit_refuses()',
]
