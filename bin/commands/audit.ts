import { auditTable } from '#serve/csv'
import type { AuditEntry } from '#store/audit'
import type { Store } from '#store/open'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { withStore } from '../kept-store.ts'
import { table } from '../table.ts'

const options = {
  data: { type: 'string' },
  org: { type: 'string' },
  last: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
} as const

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action, ...extra] = positionals
  if (!['list', 'export', 'verify'].includes(action ?? '') || extra.length > 0)
    throw new UsageError(texts().ledger.auditAction)
  if (action === 'verify') {
    const faults = await withStore(values, (store) => store.audit.verify())
    if (values.json) console.log(JSON.stringify(faults))
    else {
      for (const { organisation, seq, problem } of faults) console.error(`${organisation} ${seq}: ${problem}`)
      console.log(faults.length === 0 ? texts().ledger.whole : texts().ledger.damaged(faults.length))
    }
    return faults.length === 0 ? 0 : 1
  }
  const most = action === 'export' ? Number.POSITIVE_INFINITY : number('last', values.last, { min: 1, whole: true })!
  const entries = await withStore(values, (store, organisation) => newest(store, organisation, most))
  if (values.json) console.log(JSON.stringify(entries))
  else if (action === 'export') console.log(auditTable(entries.reverse()).trimEnd())
  else if (entries.length === 0) console.log(texts().ledger.nothing)
  else console.log(table([texts().ledger.auditHead, ...entries.map(rowOf)], { right: [0] }))
  return 0
}

async function newest(store: Store, organisation: string, most: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (let after: string | undefined; entries.length < most; ) {
    const page = await store.audit.list(organisation, { limit: Math.min(1000, most - entries.length), after })
    entries.push(...page.data)
    if (page.next === null) break
    after = page.next
  }
  return entries
}

const rowOf = ({ seq, at, actor, action, target }: AuditEntry): string[] => [
  String(seq),
  new Date(at).toISOString(),
  actor,
  action,
  target,
]

export const audit: Command = { run }
