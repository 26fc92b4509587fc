import { createInterface, type Interface } from 'node:readline'
import { type Command, number, parse, UsageError } from '../command.ts'
import { type Language, languageOf } from '../language.ts'
import { openLocalModel } from '../local-model.ts'
import { samplingHelp, samplingOf, samplingOptions } from '../sampling.ts'
import { writeText } from '../terminal-text.ts'
import { type Answer, Talk } from './chat/talk.ts'

const help = `dotline chat: talk to a model in the terminal

Usage:
  dotline chat [--model FOLDER] [--system TEXT]
  echo "Who are you?" | dotline chat          each line of standard input is a message

Options:
  --model FOLDER            a model in Hugging Face's layout, or a finished run (default: the starter model)
  --system TEXT             a system message
${samplingHelp}
  --threads N               threads of a matrix product (default 2)
  --json                    each answer as one JSON line

In the conversation:
  /new                      forget the conversation and begin another
  /system TEXT              begin another with this system message
  /quit                     leave (as does the end of the input)

Ctrl-C stops the answer; where nothing is being answered, it leaves.
Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted.`

const options = {
  ...samplingOptions,
  model: { type: 'string' },
  system: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const words: Record<Language, { hello: (model: string) => string; fresh: string; unknown: (name: string) => string }> =
  {
    en: {
      hello: (model) => `${model} is listening. /new begins again, /quit leaves, Ctrl-C stops an answer.`,
      fresh: 'A new conversation.',
      unknown: (name) => `There is no ${name}; there are /new, /system TEXT and /quit.`,
    },
    zh: {
      hello: (model) => `${model} 在听。/new 重新开始，/quit 退出，Ctrl-C 停止回答。`,
      fresh: '新的对话。',
      unknown: (name) => `没有 ${name}；可用 /new、/system 内容 和 /quit。`,
    },
  }

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0)
    throw new UsageError(`chat takes its messages from the terminal or standard input: "${positionals[0]}"`)
  const wish = samplingOf(values)
  const model = await openLocalModel(values.model, number('threads', values.threads, { min: 1, max: 256, whole: true }))
  const talk = new Talk(model, wish, values.system)
  const interactive = process.stdin.isTTY === true && !values.json
  if (interactive) console.error(words[languageOf(process.env)].hello(model.id))
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
  if (answer.dropped_messages > 0)
    console.error(`(${answer.dropped_messages} messages no longer fit and were left out)`)
}

function obey(talk: Talk, said: string): void {
  const { fresh, unknown } = words[languageOf(process.env)]
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

export const chat: Command = { help, run }
