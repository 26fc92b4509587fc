import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '../open.ts'
import { findPostgres, howToInstall, startPostgres, type TestPostgres } from '../test-postgres.ts'

export type Kind = 'sqlite' | 'postgres'

/** What this needs of vitest, which only a test itself imports. */
export interface Suite {
  describe: ((name: string, tests: () => void) => void) & { skip: (name: string, tests: () => void) => void }
  beforeAll(run: () => Promise<void>): void
  afterAll(run: () => Promise<void>): void
}

/** What a test has: stores on fresh databases, and people who own things in them. */
export interface Stage {
  kind: Kind
  /** A store on a new, empty database. */
  fresh(clock?: () => number): Promise<Opened>
}

export interface Opened {
  store: Store
  folder: string
  url?: string
  /** Closes it and opens the same database again: what a restart does. */
  again(): Promise<Store>
  /** Another node on the same database. */
  beside(): Promise<Store>
}

/** Runs the same tests on SQLite and on a real PostgreSQL; where there is none, says so and skips those. */
export function onEveryDatabase(suite: Suite, name: string, tests: (stage: Stage) => void): void {
  const { describe, beforeAll, afterAll } = suite
  describe(`${name} on SQLite`, () => tests(prepare(suite, 'sqlite', () => undefined)))
  const bin = findPostgres()
  if (bin === null) {
    console.warn(howToInstall)
    describe.skip(`${name} on PostgreSQL (not installed: apt-get install postgresql)`, () =>
      tests(prepare(suite, 'postgres', () => undefined)))
    return
  }
  describe(`${name} on PostgreSQL`, () => {
    let server: TestPostgres | undefined
    beforeAll(async () => {
      server = await startPostgres(bin)
    })
    afterAll(async () => await server?.stop())
    tests(prepare(suite, 'postgres', () => server))
  })
}

function prepare({ afterAll }: Suite, kind: Kind, server: () => TestPostgres | undefined): Stage {
  const folders: string[] = []
  const open = new Set<Store>()
  afterAll(async () => {
    await Promise.all([...open].map((store) => store.close()))
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  const opened = async (settings: Parameters<typeof openStore>[0]): Promise<Store> => {
    const store = await openStore(settings)
    open.add(store)
    return store
  }
  return {
    kind,
    async fresh(clock) {
      const folder = mkdtempSync(join(tmpdir(), 'dotline-store-'))
      folders.push(folder)
      const url = await server()?.database()
      const settings = { folder, url, clock }
      const stage: Opened = {
        store: await opened(settings),
        folder,
        url,
        async again() {
          await stage.store.close()
          open.delete(stage.store)
          stage.store = await opened(settings)
          return stage.store
        },
        beside: () => opened(settings),
      }
      return stage
    },
  }
}

export interface Someone {
  organisation: string
  project: string
  person: string
  owner: string
}

/** An organisation, a project in it, a person who owns it, and the name under which that person's things are kept. */
export async function someone(store: Store, name: string): Promise<Someone> {
  const { id: organisation } = await store.organisations.create({ name })
  const { id: project } = await store.organisations.createProject(organisation, { name: 'first' })
  const { id: person } = await store.accounts.create({ email: `${name}@example.org`, name })
  await store.organisations.setMember(organisation, person, '', 'owner')
  return { organisation, project, person, owner: await store.organisations.owner(organisation, project, person) }
}

/** The codes of several calls that were made at once. */
export const codesOf = (calls: Promise<unknown>[]): Promise<(string | null)[]> => Promise.all(calls.map(codeOf))

/** The code of the error that a call ends with; null where it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string | null> {
  return await call.then(
    () => null,
    (error: { code?: string }) => error.code ?? String(error),
  )
}
