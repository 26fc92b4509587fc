import { resolve } from 'node:path'
import { verify as check, backup as copy, restore as put } from '#store/backup'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { dataFolder } from '../data-folder.ts'

const options = { data: { type: 'string' }, json: { type: 'boolean', default: false } } as const

function read(command: string, argv: readonly string[], least = 1) {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 1 || positionals.length < least) throw new UsageError(texts().ledger.oneFolder(command))
  return { ...values, folder: positionals[0] }
}

export const backup: Command = {
  async run(argv) {
    const { data, json, folder } = read('backup', argv)
    const target = resolve(folder)
    const made = await copy(dataFolder(data), target)
    console.log(json ? JSON.stringify({ folder: target, ...made }) : texts().ledger.backedUp(made.blobs, target))
    return 0
  },
}

export const restore: Command = {
  async run(argv) {
    const { data, json, folder } = read('restore', argv)
    const target = dataFolder(data)
    const made = await put(resolve(folder), target)
    const date = new Date(made.created).toISOString()
    console.log(json ? JSON.stringify({ folder: target, ...made }) : texts().ledger.restored(target, date))
    return 0
  },
}

export const verify: Command = {
  async run(argv) {
    const { data, json, folder } = read('verify', argv, 0)
    const faults = await check(folder === undefined ? dataFolder(data) : resolve(folder))
    if (json) console.log(JSON.stringify(faults))
    else {
      for (const { where, problem } of faults) console.error(`${where}: ${problem}`)
      console.log(faults.length === 0 ? texts().ledger.whole : texts().ledger.damaged(faults.length))
    }
    return faults.length === 0 ? 0 : 1
  },
}
