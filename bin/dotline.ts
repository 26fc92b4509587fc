#!/usr/bin/env node
/** The command `dotline`: finds the subcommand, runs it, and turns errors into a sentence and an exit code. */
import { type Command, UsageError } from './command.ts'
import { commands } from './commands.ts'

// ONNX Runtime's official builds send usage data to their maker unless this stands in the environment of the process
// before the first session. Set here, on the main thread: a worker's own variables never reach native code.
process.env.ORT_DISABLE_TELEMETRY = '1'

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(overview())
    return name === undefined ? exitCodes.usage : 0
  }
  const entry = commands.get(name)
  if (!entry) {
    print(`dotline: there is no command "${name}"\n\n${overview()}`, 'error')
    return exitCodes.usage
  }
  const command: Command = await entry.load()
  if (rest.includes('--help') || rest.includes('-h')) {
    print(command.help)
    return 0
  }
  return await command.run(rest)
}

function overview(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length))
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `Dotline (点线): a ChatGPT that its owner owns.\n\nUsage: dotline <command> [options]\n\n${lines.join('\n')}\n\nEach command explains itself: dotline <command> --help`
}

/** A reader that has seen enough, such as `head`, ends a command as Ctrl-C does: a run saves, a server stops. */
let unread = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  if (unread) return
  unread = true
  if (!process.emit('SIGINT', 'SIGINT')) process.exit(exitCodes.interrupted)
})

const print = (text: string, to: 'log' | 'error' = 'log') => console[to](text)

// The process boundary: the one place where an error of any kind becomes text for a person.
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const usage = error instanceof UsageError
  const text = error instanceof Error ? error.message : String(error)
  print(`dotline: ${text}${usage ? '\nSee --help.' : ''}`, 'error')
  if (process.env.DOTLINE_DEBUG && error instanceof Error) print(error.stack ?? '', 'error')
  // Workers of what failed may still be alive; nothing waits for them.
  process.exit(usage ? exitCodes.usage : exitCodes.failed)
}
