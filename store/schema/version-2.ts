import { type Kysely, sql } from 'kysely'
import { createTables, type DialectName, type Shape } from './shape.ts'

const ofOwner = { columns: ['owner'], table: 'owners', key: ['id'] } as const

/** What is kept and what is still to be done: streams, files, responses, batches, jobs, opinions. */
export const version2 = {
  streams: {
    columns: { owner: 'text', id: 'text', state: 'text', created: 'whole', touched: 'whole', expires: 'whole' },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { expiry: ['expires'], open: ['state', 'touched'] },
    within: [ofOwner],
  },
  stream_events: {
    columns: { owner: 'text', stream: 'text', seq: 'whole', data: 'text' },
    key: ['owner', 'stream', 'seq'],
    scope: 'owner',
    within: [{ columns: ['owner', 'stream'], table: 'streams', key: ['owner', 'id'] }],
  },
  /** Bytes that lie in the folder under their hash, whoever has them; `touched` keeps fresh ones from being swept. */
  blobs: {
    columns: { hash: 'text', bytes: 'whole', touched: 'whole' },
    key: ['hash'],
    indexes: { touched: ['touched'] },
  },
  files: {
    columns: {
      owner: 'text',
      id: 'text',
      name: 'text',
      purpose: 'text',
      type: 'text',
      hash: 'text',
      bytes: 'whole',
      created: 'whole',
      expires: 'whole?',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { blob: ['hash'], expiry: ['expires'], recent: ['owner', 'created', 'id'] },
    within: [ofOwner],
  },
  responses: {
    columns: {
      owner: 'text',
      id: 'text',
      previous: 'text?',
      status: 'text',
      input: 'text',
      body: 'text',
      created: 'whole',
      expires: 'whole?',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { expiry: ['expires'] },
    within: [ofOwner],
  },
  batches: {
    columns: {
      owner: 'text',
      id: 'text',
      endpoint: 'text',
      status: 'text',
      input: 'text',
      detail: 'text',
      total: 'whole',
      created: 'whole',
      ended: 'whole?',
      expires: 'whole',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { recent: ['owner', 'created', 'id'] },
    within: [ofOwner],
  },
  batch_lines: {
    columns: {
      owner: 'text',
      batch: 'text',
      line: 'whole',
      custom: 'text',
      request: 'text',
      state: 'text',
      answer: 'text?',
    },
    key: ['owner', 'batch', 'line'],
    scope: 'owner',
    unique: [['owner', 'batch', 'custom']],
    indexes: { open: ['owner', 'batch', 'state', 'line'] },
    within: [{ columns: ['owner', 'batch'], table: 'batches', key: ['owner', 'id'] }],
  },
  jobs: {
    columns: {
      owner: 'text',
      id: 'text',
      kind: 'text',
      input: 'text',
      state: 'text',
      progress: 'text',
      result: 'text?',
      problem: 'text?',
      cancelled: 'whole',
      attempts: 'whole',
      holder: 'text',
      lease: 'whole',
      created: 'whole',
      ended: 'whole?',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { due: ['state', 'kind', 'lease'], recent: ['owner', 'created', 'id'] },
    within: [ofOwner],
  },
  job_steps: {
    columns: { owner: 'text', job: 'text', step: 'text', result: 'text', done: 'whole' },
    key: ['owner', 'job', 'step'],
    scope: 'owner',
    within: [{ columns: ['owner', 'job'], table: 'jobs', key: ['owner', 'id'] }],
  },
  feedback: {
    columns: {
      owner: 'text',
      conversation: 'text',
      message: 'text',
      rating: 'whole',
      reasons: 'text',
      comment: 'text',
      created: 'whole',
    },
    key: ['owner', 'conversation', 'message'],
    scope: 'owner',
    within: [
      { columns: ['owner', 'conversation', 'message'], table: 'messages', key: ['owner', 'conversation', 'id'] },
    ],
  },
  /** What a person agreed to, in which version of the text; a row for each time, none is overwritten. */
  consents: {
    columns: { person: 'text', kind: 'text', version: 'text', given: 'whole', withdrawn: 'whole?' },
    key: ['person', 'kind', 'given'],
    scope: 'person',
    within: [{ columns: ['person'], table: 'people', key: ['id'] }],
  },
} as const satisfies Record<string, Shape>

export async function createVersion2(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await createTables(db, dialect, version2)
  for (const statement of dialect === 'sqlite' ? sqliteBesides : postgresBesides) await sql.raw(statement).execute(db)
}

/** Bytes that lost a file are kept a while from that moment, however the file went: a backup may still copy them. */
const sqliteBesides = [
  `create trigger files_gone after delete on files begin
    update blobs set touched = max(touched, cast(unixepoch('subsec') * 1000 as integer)) where hash = old.hash; end`,
]

const postgresBesides = [
  `create function files_keep_blob() returns trigger language plpgsql as $$ begin
    update blobs set touched = greatest(touched, (extract(epoch from clock_timestamp()) * 1000)::bigint) where hash = old.hash;
    return null; end $$`,
  'create trigger files_gone after delete on files for each row execute function files_keep_blob()',
]
