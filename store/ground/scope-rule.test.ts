import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Tables } from '../schema/tables.ts'
import { ScopeError, scopeRule } from './scope-rule.ts'

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  plugins: [scopeRule({ conversations: 'owner', messages: 'owner', keys: 'organisation' })],
})
const from = db.selectFrom('conversations').selectAll()

describe('the scope rule', () => {
  test.each<[string, () => { compile(): unknown }]>([
    ['a condition on the owner', () => from.where('owner', '=', 'a')],
    ['among others, in parentheses', () => from.where((eb) => eb.and([eb('id', '=', 'x'), eb('owner', '=', 'a')]))],
    [
      'a join on the same owner',
      () =>
        db
          .selectFrom('messages as m')
          .innerJoin('conversations as c', (join) =>
            join.onRef('c.owner', '=', 'm.owner').onRef('c.id', '=', 'm.conversation'),
          )
          .select('title')
          .where('m.owner', '=', 'a'),
    ],
    ['an update and a delete', () => db.updateTable('conversations').set({ title: '' }).where('owner', '=', 'a')],
    ['a table that is nobody’s', () => db.selectFrom('people').selectAll()],
    ['an insert that names the owner', () => db.insertInto('keys').values({ organisation: 'o' } as never)],
  ])('lets pass %s', (_, query) => {
    expect(() => query().compile()).not.toThrow()
  })

  test.each<[string, () => { compile(): unknown }]>([
    ['no condition at all', () => from],
    ['a condition on the id alone', () => from.where('id', '=', 'x')],
    ['an owner that may be another', () => from.where((eb) => eb.or([eb('owner', '=', 'a'), eb('id', '=', 'x')]))],
    ['an owner that is compared otherwise', () => from.where('owner', '!=', 'a')],
    ['an owner that is compared with a column', () => from.whereRef('owner', '=', 'id')],
    ['an owner of some list', () => from.where('owner', 'in', ['a', 'b'])],
    [
      'a join whose other side is anybody’s',
      () =>
        db
          .selectFrom('messages as m')
          .innerJoin('conversations as c', 'c.id', 'm.conversation')
          .select('title')
          .where('m.owner', '=', 'a'),
    ],
    [
      'a sub-select without an owner',
      () => from.where('owner', '=', 'a').where('id', 'in', db.selectFrom('messages').select('conversation')),
    ],
    [
      'a with without an owner',
      () =>
        db
          .with('all', () => from)
          .selectFrom('all')
          .selectAll(),
    ],
    ['an update without an owner', () => db.updateTable('conversations').set({ title: '' }).where('id', '=', 'x')],
    ['a delete without an owner', () => db.deleteFrom('messages').where('id', '=', 'x')],
    ['an insert without an owner', () => db.insertInto('conversations').values({ id: 'x' } as never)],
    [
      'an insert that overwrites another’s row',
      () =>
        db
          .insertInto('conversations')
          .values({ owner: 'a', id: 'x' } as never)
          .onConflict((one) => one.column('id').doUpdateSet({ title: '' })),
    ],
    ['a condition in raw text', () => from.where(sql<boolean>`owner = ${'a'}`)],
  ])('refuses %s', (_, query) => {
    expect(() => query().compile()).toThrow(ScopeError)
  })
})
