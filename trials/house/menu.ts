import { existsSync } from 'node:fs'

/** One benchmark or trial that can be run by name. */
export interface Item {
  /** Module of the trials room that exports `main(args)`. */
  module: URL
  meaning: string
}

/** What a listed module must export: runs with the remaining arguments; a rejection or `process.exitCode` is a failure. */
interface Runnable {
  main(args: string[]): Promise<void> | void
}

/**
 * Lists what there is, or runs one by name. An entry whose module does not exist is not listed, and asking for it by
 * name is an error that says so.
 *
 * @returns the exit code: 0, or 2 for a name that is not there
 */
export async function runFromMenu(
  command: string,
  menu: Readonly<Record<string, Item>>,
  [name, ...args]: readonly string[],
  write: (text: string) => void = console.log,
): Promise<number> {
  const present = Object.entries(menu).filter(([, item]) => existsSync(item.module))
  if (name === undefined || name === '--help' || name === 'list') {
    const width = Math.max(0, ...present.map(([each]) => each.length))
    write(`Usage: ${command} -- <name> [--log] [--check] [arguments]\n`)
    for (const [each, item] of present) write(`  ${each.padEnd(width)}  ${item.meaning}`)
    return 0
  }
  const item = present.find(([each]) => each === name)?.[1]
  if (!item) {
    write(
      `There is no ${JSON.stringify(name)} here. There is: ${present.map(([each]) => each).join(', ') || 'nothing yet'}.`,
    )
    return 2
  }
  const loaded: Partial<Runnable> = await import(item.module.href)
  if (!loaded.main) throw new TypeError(`${item.module.pathname.split('/').at(-1)} exports no main(args)`)
  await loaded.main(args)
  return 0
}
