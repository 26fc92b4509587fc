import * as vitest from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { operationNames } from './ground/catalogue.ts'
import type { Call } from './ground/operation.ts'
import type { Store } from './open.ts'
import { attempts, installation, type Things } from './testing/attempts.ts'
import { onEveryDatabase, type Someone, someone } from './testing/stage.ts'
import { seenBy, thingsOf } from './testing/things.ts'

describe('the list of attempts', () => {
  test('names every operation that the store has, once', () => {
    expect([...Object.keys(attempts), ...installation].toSorted()).toEqual(operationNames.toSorted())
  })
})

onEveryDatabase(vitest, 'isolation', (stage) => {
  let store: Store
  let ada: Things
  let eve: Someone
  const missing = Object.fromEntries(
    [
      'conversation',
      'folder',
      'message',
      'stream',
      'file',
      'response',
      'completion',
      'upload',
      'batch',
      'job',
      'key',
      'session',
      'invitation',
      'usage',
    ].map((each) => [each, `${each}_none`]),
  )
  beforeAll(async () => {
    store = (await stage.fresh(() => 5_000_000)).store
    ada = await thingsOf(store, 'ada', await someone(store, 'ada'))
    eve = await someone(store, 'eve')
  })
  /** What a call answers or says, with the ids that were asked for made alike. */
  const outcome = async (call: Call, ids: Things): Promise<string> => {
    const name = call.name.split('.') as ['jobs', 'get']
    const operation = store[name[0]][name[1]] as (...args: unknown[]) => Promise<unknown>
    const said = await operation(...call.args).then(
      (answer) => JSON.stringify(answer ?? null, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
    )
    return Object.entries(ids).reduce((text, [key, id]) => (id ? text.replaceAll(id, `<${key}>`) : text), said)
  }

  test.each(Object.keys(attempts))(
    '%s shows and changes nothing of another, and answers as if it were not there',
    async (name) => {
      const attempt = attempts[name]
      const before = await seenBy(store, ada)
      const foreign = await outcome(attempt(store, eve, ada), ada)
      expect(foreign).not.toContain('canary')
      expect(await seenBy(store, ada)).toBe(before)
      const none = { ...ada, ...missing, project: 'project_none', person: 'person_none', owner: 'owner_none' } as Things
      const absent = await outcome(attempt(store, eve, none), none)
      // Whether it was refused, and in which words, must not depend on whether the thing is somebody's.
      if (/^\w+: /.test(foreign) || /^\w+: /.test(absent)) expect(foreign).toBe(absent)
    },
  )
})
