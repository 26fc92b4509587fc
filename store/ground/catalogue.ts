import { accounts } from '../accounts.ts'
import { audit } from '../audit.ts'
import { batches } from '../batches.ts'
import { completions } from '../completions.ts'
import { consents } from '../consents.ts'
import { conversations } from '../conversations.ts'
import { StoreError } from '../errors.ts'
import { feedback } from '../feedback.ts'
import { files } from '../files.ts'
import { folders } from '../folders.ts'
import { idempotency } from '../idempotency.ts'
import { items } from '../items.ts'
import { jobs } from '../jobs.ts'
import { keys } from '../keys.ts'
import { limits } from '../limits.ts'
import { organisations } from '../organisations.ts'
import { preferences } from '../preferences.ts'
import { prices } from '../prices.ts'
import { responses } from '../responses.ts'
import { search } from '../search.ts'
import { streams } from '../streams.ts'
import { uploads } from '../uploads.ts'
import { usage } from '../usage.ts'
import { type AnyOperation, type Call, write } from './operation.ts'

/** Several calls in one transaction and one wait for the disk: all are kept, or none. */
const together = { all: write((ground, calls: Call[]) => inTurn(calls, (call) => ground.call(call.name, call.args))) }

/** Everything that the store can do, by door. */
export const catalogue = {
  accounts,
  audit,
  batches,
  completions,
  consents,
  conversations,
  feedback,
  files,
  folders,
  idempotency,
  items,
  jobs,
  keys,
  limits,
  organisations,
  preferences,
  prices,
  responses,
  search,
  streams,
  together,
  uploads,
  usage,
}

export type Catalogue = typeof catalogue

const operations = new Map<string, AnyOperation>(
  Object.entries(catalogue).flatMap(([door, entries]) =>
    Object.entries(entries).map(([name, operation]): [string, AnyOperation] => [`${door}.${name}`, operation]),
  ),
)

export const operationNames: readonly string[] = [...operations.keys()]

export function lookUp(name: string): AnyOperation {
  const found = operations.get(name)
  if (!found) throw new StoreError('internal', `The store has no operation ${JSON.stringify(name)}.`)
  return found
}

async function inTurn<T, R>(items: readonly T[], step: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await step(item))
  return results
}
