import { firstOrganisation, scopes as known } from '#guard/access'
import { parseRange } from '#guard/address-range'
import { newKeySecret } from '#serve/secrets'
import type { Key } from '#store/keys'
import type { Store } from '#store/open'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { table } from '../table.ts'
import { actor, organisationOf, personOf, projectOf, shared, withStore } from './people/opened.ts'

const options = {
  ...shared,
  name: { type: 'string', default: 'key' },
  scopes: { type: 'string', default: 'all' },
  models: { type: 'string' },
  addresses: { type: 'string' },
  days: { type: 'string' },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']
type Act = (store: Store, values: Values, named: string) => Promise<{ said: string; event: unknown }>

const actions: Readonly<Record<string, Act>> = { add, list, revoke }

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action = '', named = '', ...extra] = positionals
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined
  const fits = action === 'add' || (named === '') === (action === 'list')
  if (act === undefined || extra.length > 0 || !fits) throw new UsageError(texts().people.keyAction)
  const { said, event } = await withStore(values.data, (store) => act(store, values, named))
  console.log(values.json ? JSON.stringify(event) : said)
  return 0
}

const parts = (text: string | undefined) => (text === undefined ? null : text.split(',').map((each) => each.trim()))

async function add(store: Store, values: Values, email: string) {
  const organisation = organisationOf(values.org)
  const scopes = parts(values.scopes) ?? ['all']
  const wrong = scopes.find((scope) => !known.some((each) => each === scope))
  if (wrong !== undefined) throw new UsageError(texts().people.scope(wrong, known.join(', ')))
  const addresses = parts(values.addresses)
  const range = addresses?.find((each) => parseRange(each) === null)
  if (range !== undefined) throw new UsageError(texts().people.address(range))
  const days = number('days', values.days, { min: 0.001, max: 36_500 })
  const { secret, hash, shown } = newKeySecret()
  const key = await store.keys.create(organisation, {
    project: await projectOf(store, organisation, values.project),
    person: email === '' ? '' : (await personOf(store, email)).id,
    name: values.name,
    prefix: shown,
    hash,
    scopes,
    models: parts(values.models),
    addresses,
    expires: days === undefined ? null : Date.now() + Math.round(days * 86_400_000),
  })
  const detail = { project: key.project, person: key.person, scopes }
  await store.audit.append(organisation, { actor, action: 'key.created', target: key.id, detail })
  return { said: texts().people.key(secret), event: { ...key, key: secret } }
}

async function list(store: Store, values: Values) {
  const said = texts().people
  const keys = await store.keys.list(organisationOf(values.org))
  const rows = keys.map((key) => {
    const { id, prefix, name, project, person, scopes } = key
    return [id, `${prefix}…`, name, project || '*', person || '-', scopes.join(','), said.states[stateOf(key)]]
  })
  return { said: rows.length === 0 ? said.none : table([said.keyColumns, ...rows]), event: keys }
}

function stateOf({ revoked, expires }: Key): 'revoked' | 'expired' | 'open' {
  if (revoked !== null) return 'revoked'
  return expires !== null && expires <= Date.now() ? 'expired' : 'open'
}

async function revoke(store: Store, values: Values, id: string) {
  const organisation = values.org ?? firstOrganisation
  await store.together([
    store.plan.keys.revoke(organisation, id),
    store.plan.audit.append(organisation, { actor, action: 'key.revoked', target: id }),
  ])
  return { said: texts().people.revoked(id), event: { id, revoked: true } }
}

export const key: Command = { run }
