import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { firstOrganisation } from '#guard/access'
import { hasOwner } from '#serve/local-owner'
import { Passwords } from '#serve/passwords'
import { addPerson } from '#serve/people'
import type { Store } from '#store/open'
import type { Role } from '#store/organisations'
import { limits } from '#wire/limits'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { table } from '../table.ts'
import { actor, organisationOf, personOf, roleOf, shared, withStore } from './people/opened.ts'

const options = {
  ...shared,
  name: { type: 'string' },
  role: { type: 'string' },
  'password-stdin': { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']
type Act = (store: Store, values: Values, email: string) => Promise<{ said: string; event: unknown }>

const actions: Readonly<Record<string, Act>> = {
  add,
  list,
  disable: (store, _, email) => setDisabled(store, email, true),
  enable: (store, _, email) => setDisabled(store, email, false),
  password,
  remove,
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action = '', email = '', ...extra] = positionals
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (act === undefined || extra.length > 0 || (email === '') !== (action === 'list'))
    throw new UsageError(texts().people.userAction)
  const { said, event } = await withStore(values.data, (store) => act(store, values, email))
  console.log(values.json ? JSON.stringify(event) : said)
  return 0
}

async function add(store: Store, values: Values, email: string) {
  const first = !(await hasOwner(store))
  const role: Role = values.role === undefined ? (first ? 'owner' : 'member') : roleOf(values.role)
  const { secret, hash } = await newPassword(values)
  const given = { email, name: values.name ?? email, password: hash }
  const at = { organisation: organisationOf(values.org), project: values.project ?? '', role }
  const person = await addPerson(store, given, at, actor)
  const lines = [texts().people.added(person.email, role), ...(secret ? [texts().people.password(secret)] : [])]
  return { said: lines.join('\n'), event: { id: person.id, email: person.email, role, password: secret } }
}

async function list(store: Store, values: Values) {
  const said = texts().people
  const members = await store.organisations.members(organisationOf(values.org))
  const people = await Promise.all(members.map(({ person }) => store.accounts.get(person)))
  const rows = members.map(({ email, name, role, project }, at) => {
    const state = people[at].disabled === null ? said.states.open : said.states.disabled
    return [email, name, project === '' ? role : `${role} (${project})`, state]
  })
  const event = members.map((member, at) => ({ ...member, disabled: people[at].disabled }))
  return { said: rows.length === 0 ? said.none : table([said.userColumns, ...rows]), event }
}

async function setDisabled(store: Store, email: string, disabled: boolean) {
  const person = await personOf(store, email)
  if (disabled) await keepAnOwner(store, person.id)
  await store.together([
    ...(disabled ? [store.plan.organisations.keepOwner(firstOrganisation, person.id)] : []),
    store.plan.accounts.update(person.id, { disabled }),
    entry(store, disabled ? 'person.disabled' : 'person.enabled', person.id),
  ])
  return done(person)
}

/** Another password ends every session, and takes the second factor off: who lost one has often lost both. */
async function password(store: Store, values: Values, email: string) {
  const person = await personOf(store, email)
  const { secret, hash } = await newPassword(values)
  await store.together([
    store.plan.accounts.update(person.id, { password: hash, totp: null }),
    store.plan.accounts.endSessions(person.id),
    entry(store, 'password.reset', person.id),
  ])
  const { said, event } = done(person)
  return { said: secret ? `${said}\n${texts().people.password(secret)}` : said, event: { ...event, password: secret } }
}

async function remove(store: Store, _: Values, email: string) {
  const person = await personOf(store, email)
  await keepAnOwner(store, person.id)
  await store.together([
    store.plan.organisations.keepOwner(firstOrganisation, person.id),
    store.plan.accounts.delete(person.id),
    entry(store, 'person.removed', person.id),
  ])
  return done(person)
}

const done = ({ id, email }: { id: string; email: string }) => ({
  said: texts().people.changed(email),
  event: { id, email },
})

const entry = (store: Store, action: string, target: string) =>
  store.plan.audit.append(firstOrganisation, { actor, action, target })

/** Says it in words of the command's own; that it holds is the store's doing. */
async function keepAnOwner(store: Store, person: string): Promise<void> {
  const members = await store.organisations.members(firstOrganisation)
  const owners = members.filter(({ role, project }) => role === 'owner' && project === '')
  if (!owners.some((one) => one.person === person)) return
  const others = await Promise.all(owners.map((one) => store.accounts.get(one.person)))
  if (!others.some(({ id, disabled }) => id !== person && disabled === null)) throw new Error(texts().people.lastOwner)
}

/** From standard input, or made here and said once. */
async function newPassword(values: Values): Promise<{ secret: string | null; hash: string }> {
  const made = values['password-stdin'] ? null : randomBytes(15).toString('base64url')
  const chosen = made ?? (await text(process.stdin)).replace(/\r?\n$/, '')
  const { passwordMin: least, passwordMax: most } = limits.accounts
  if (chosen.length < least || chosen.length > most)
    throw new UsageError(texts().people.passwordLength(String(least), String(most)))
  const passwords = new Passwords()
  try {
    return { secret: made, hash: await passwords.hash(chosen) }
  } finally {
    await passwords.close()
  }
}

export const user: Command = { run }
