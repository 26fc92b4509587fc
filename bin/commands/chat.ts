import { createInterface, type Interface } from 'node:readline'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { openLocalModel } from '../local-model.ts'
import { samplingOf, samplingOptions } from '../sampling.ts'
import { writeText } from '../terminal-text.ts'
import { type Answer, Talk } from './chat/talk.ts'

const options = {
  ...samplingOptions,
  model: { type: 'string' },
  system: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0) throw new UsageError(texts().usage.chatArgument(positionals[0]))
  const wish = samplingOf(values)
  const model = await openLocalModel(values.model, number('threads', values.threads, { min: 1, max: 256, whole: true }))
  const talk = new Talk(model, wish, values.system)
  const interactive = process.stdin.isTTY === true && !values.json
  if (interactive) console.error(texts().chat.hello(model.id))
  try {
    return await converse(talk, interactive, values.json)
  } finally {
    await model.engine.close()
  }
}

/** Reads lines to their end, one answer after another. */
async function converse(talk: Talk, interactive: boolean, json: boolean): Promise<number> {
  const lines = createInterface({
    input: process.stdin,
    output: interactive ? process.stdout : undefined,
    prompt: '› ',
  })
  const interrupted = leaveOnInterrupt(talk, lines)
  if (interactive) lines.prompt()
  for await (const line of lines) {
    const said = line.trim()
    if (said === '/quit') break
    if (said.startsWith('/')) obey(talk, said)
    else if (said !== '') show(await talk.say(said, json ? noText : writeText), json)
    if (interrupted()) break
    if (interactive) lines.prompt()
  }
  lines.close()
  return interrupted() ? 130 : 0
}

const noText = (): void => {}

function show(answer: Answer, json: boolean): void {
  if (json) console.log(JSON.stringify(answer))
  else writeText('\n')
  if (answer.dropped_messages > 0) console.error(texts().chat.dropped(answer.dropped_messages))
}

function obey(talk: Talk, said: string): void {
  const { fresh, unknown } = texts().chat
  const [name, ...rest] = said.split(/\s+/)
  if (name === '/new') talk.begin()
  else if (name === '/system') talk.begin(rest.join(' '))
  else {
    console.error(unknown(name))
    return
  }
  console.error(fresh)
}

/** Ctrl-C stops an answer, or leaves where there is none; says whether to leave. */
function leaveOnInterrupt(talk: Talk, lines: Interface): () => boolean {
  let leave = false
  const interrupt = () => {
    if (talk.stop()) return
    leave = true
    lines.close()
  }
  // In a terminal the line editor takes the key; elsewhere the signal arrives.
  lines.on('SIGINT', interrupt)
  process.on('SIGINT', interrupt)
  return () => leave
}

export const chat: Command = { run }
