import { read, write } from './ground/operation.ts'

/** What a person agreed to, and in which version of its text. */
export interface Consent {
  kind: string
  version: string
  given: number
  withdrawn: number | null
}

export const consents = {
  /** The same version again while it holds adds nothing; another version ends the one before. */
  give: write(async (ground, person: string, kind: string, version: string): Promise<void> => {
    const held = await ground.db
      .selectFrom('consents')
      .select(['version', 'given'])
      .where('person', '=', person)
      .where('kind', '=', kind)
      .where('withdrawn', 'is', null)
      .execute()
    if (held.some((each) => each.version === version)) return
    await ground.call('consents.withdraw', [person, kind])
    const last = Math.max(0, ...held.map(({ given }) => given))
    await ground.db
      .insertInto('consents')
      .values({ person, kind, version, given: Math.max(ground.now, last + 1), withdrawn: null })
      .execute()
  }),

  withdraw: write(async (ground, person: string, kind: string): Promise<void> => {
    await ground.db
      .updateTable('consents')
      .set({ withdrawn: ground.now })
      .where('person', '=', person)
      .where('kind', '=', kind)
      .where('withdrawn', 'is', null)
      .execute()
  }),

  /** All that was ever given, the oldest first. */
  history: read(
    async (ground, person: string): Promise<Consent[]> =>
      ground.db
        .selectFrom('consents')
        .select(['kind', 'version', 'given', 'withdrawn'])
        .where('person', '=', person)
        .orderBy('given')
        .execute(),
  ),

  /** Who agrees at present to `kind` in this version: the only ones whose words may be used for it. */
  holders: read(async (ground, kind: string, version: string): Promise<string[]> => {
    const rows = await ground.everyone
      .selectFrom('consents')
      .select('person')
      .where('kind', '=', kind)
      .where('version', '=', version)
      .where('withdrawn', 'is', null)
      .orderBy('person')
      .execute()
    return rows.map(({ person }) => person)
  }),
}
