#!/usr/bin/env node
/** The command `dotline`: finds the subcommand, runs it, and turns errors into a sentence and an exit code. */
import { speak, texts } from './catalogue.ts'
import { UsageError } from './command.ts'
import { commands, isCommand } from './commands.ts'
import { sentenceOf } from './failure.ts'

// ONNX Runtime's official builds send usage data to their maker unless this stands in the environment of the process
// before the first session. Set here, on the main thread: a worker's own variables never reach native code.
process.env.ORT_DISABLE_TELEMETRY = '1'

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const

async function main(given: readonly string[]): Promise<number> {
  const [name, ...rest] = takeLanguage(given)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(overview())
    return name === undefined ? exitCodes.usage : 0
  }
  if (!isCommand(name)) {
    print(`dotline: ${texts().usage.noCommand(name)}\n\n${overview()}`, 'error')
    return exitCodes.usage
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    print(texts().help[name])
    return 0
  }
  const command = await commands[name]()
  return await command.run(rest)
}

/** Obeys `--lang`, which every command takes, and gives back the other arguments. */
function takeLanguage(given: readonly string[]): string[] {
  const rest = [...given]
  const at = rest.findIndex((each) => each === '--' || /^--lang(=|$)/.test(each))
  if (at < 0 || rest[at] === '--') return rest
  const [flag] = rest.splice(at, 1)
  const language = flag === '--lang' ? (rest.splice(at, 1)[0] ?? '') : flag.slice('--lang='.length)
  if (language !== 'en' && language !== 'zh') throw new UsageError(texts().usage.lang(language))
  speak(language)
  return rest
}

function overview(): string {
  const { title, usage, each, lang, commands: summaries } = texts().overview
  const width = Math.max(...Object.keys(summaries).map((name) => name.length))
  const lines = Object.entries(summaries).map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`)
  return `${title}\n\n${usage}\n\n${lines.join('\n')}\n\n${each}\n${lang}`
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
  print(`dotline: ${sentenceOf(error)}${usage ? `\n${texts().usage.seeHelp}` : ''}`, 'error')
  if (process.env.DOTLINE_DEBUG && error instanceof Error) print(error.stack ?? '', 'error')
  // Workers of what failed may still be alive; nothing waits for them.
  process.exit(usage ? exitCodes.usage : exitCodes.failed)
}
