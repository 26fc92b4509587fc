import type { Store } from '#store/open'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { table } from '../table.ts'
import { actor, personOf, roleOf, shared, withStore } from './people/opened.ts'

type Values = ReturnType<typeof parse<typeof shared>>['values']
type Said = Promise<{ said: string; event: unknown }>
interface Act {
  /** How many arguments it takes. */
  takes: number
  run(store: Store, names: readonly string[], values: Values): Said
}

const actions: Readonly<Record<string, Act>> = {
  add: { takes: 1, run: (store, [name]) => add(store, name) },
  list: { takes: 0, run: list },
  disable: { takes: 1, run: (store, [id]) => setDisabled(store, id, true) },
  enable: { takes: 1, run: (store, [id]) => setDisabled(store, id, false) },
  project: { takes: 2, run: (store, [id, name]) => project(store, id, name) },
  member: { takes: 3, run: (store, [id, email, role], values) => member(store, id, email, role, values) },
  members: { takes: 1, run: (store, [id]) => members(store, id) },
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, shared)
  const [action = '', ...names] = positionals
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (act === undefined || names.length !== act.takes) throw new UsageError(texts().people.orgAction)
  const { said, event } = await withStore(values.data, (store) => act.run(store, names, values))
  console.log(values.json ? JSON.stringify(event) : said)
  return 0
}

async function add(store: Store, name: string): Said {
  const made = await store.organisations.create({ name })
  const first = await store.organisations.createProject(made.id, { name })
  await store.audit.append(made.id, { actor, action: 'organization.created', target: made.id, detail: { name } })
  return { said: texts().people.organization(made.id, first.id), event: { ...made, project: first.id } }
}

async function list(store: Store): Said {
  const said = texts().people
  const all = await store.organisations.list()
  const projects = await Promise.all(all.map(({ id }) => store.organisations.projects(id)))
  const rows = all.map(({ id, name, disabled }, at) => {
    const state = disabled === null ? said.states.open : said.states.disabled
    return [id, name, projects[at].map((each) => each.id).join(' '), state]
  })
  return { said: table([said.orgColumns, ...rows]), event: all.map((one, at) => ({ ...one, projects: projects[at] })) }
}

async function setDisabled(store: Store, id: string, disabled: boolean): Said {
  await store.together([
    store.plan.organisations.update(id, { disabled }),
    store.plan.audit.append(id, { actor, action: 'organization.updated', target: id, detail: { disabled } }),
  ])
  return { said: texts().people.changed(id), event: { id, disabled } }
}

async function project(store: Store, organisation: string, name: string): Said {
  const made = await store.organisations.createProject(organisation, { name })
  await store.audit.append(organisation, { actor, action: 'project.created', target: made.id, detail: { name } })
  return { said: texts().people.project(made.id), event: made }
}

async function member(store: Store, organisation: string, email: string, given: string, values: Values): Said {
  const person = await personOf(store, email)
  const role = roleOf(given)
  const at = values.project ?? ''
  await store.together([
    store.plan.organisations.setMember(organisation, person.id, at, role),
    store.plan.audit.append(organisation, { actor, action: 'member.set', target: person.id, detail: { role, at } }),
  ])
  return { said: texts().people.changed(email), event: { organisation, project: at, person: person.id, role } }
}

async function members(store: Store, organisation: string): Said {
  const said = texts().people
  const all = await store.organisations.members(organisation)
  const rows = all.map(({ email, name, role, project: at }) => [email, name, at ? `${role} (${at})` : role, ''])
  return { said: rows.length === 0 ? said.none : table([said.userColumns, ...rows]), event: all }
}

export const org: Command = { run }
