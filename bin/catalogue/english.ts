/** What the command line says, in English. Where a text depends on something, it is a function of it. */
import { englishConfig } from './english-config.ts'
import { englishDoctor } from './english-doctor.ts'
import { englishHelp } from './english-help.ts'
import { englishLedger, englishLedgerHelp } from './english-ledger.ts'
import { englishPeople } from './english-people.ts'

/** What `dotline serve` tells about itself. */
export interface Served {
  url: string
  model: string
  page: boolean
  /** Whether the model converses: it carries a chat template. */
  chat: boolean
}

/** Why a server did not start: `message` is the serve room's own sentence. */
export interface NotStarted {
  message: string
  host: string
  port: number
  folder: string
}

export type StartProblem = 'public_bind' | 'port_in_use' | 'port_denied' | 'host_unknown' | 'no_model' | 'store'

const curl = (url: string, endpoint: string, body: object) =>
  `curl ${url}/v1/${endpoint} -H 'Content-Type: application/json' \\\n    -d '${JSON.stringify(body)}'`

/** A conversation for another terminal to begin. */
export const ask = ({ url, model }: Served, content: string) =>
  curl(url, 'chat/completions', { model, messages: [{ role: 'user', content }] })

/** A text for another terminal to have continued. */
export const go = ({ url, model }: Served, prompt: string) =>
  curl(url, 'completions', { model, prompt, max_tokens: 64 })

/** How a model is trained and served where none is shipped. */
export const firstModel = `  npm run dotline -- train pretrain --config recipes/starter/pretrain.json --minutes 10 --folder runs/mine
  npm run dotline -- serve --model runs/mine`

export const english = {
  help: { ...englishHelp, ...englishPeople.help, ...englishLedgerHelp },
  ledger: englishLedger,
  people: englishPeople,
  doctor: englishDoctor,
  config: englishConfig,

  overview: {
    title: 'Dotline (点线): a ChatGPT that its owner owns.',
    usage: 'Usage: dotline <command> [options]',
    each: 'Each command explains itself: dotline <command> --help',
    lang: 'English or Chinese as the terminal is, or by --lang en, --lang zh.',
    commands: {
      serve: 'serve a model: the page, and the API that OpenAI clients speak',
      chat: 'talk to a model in the terminal',
      generate: 'continue a text, or fill the gap between two',
      train: 'pre-train, fine-tune or align a model',
      exam: 'examine a model, or compare two',
      model: 'the models that a server has: add, list, show, remove, default, alias',
      manifest: 'show what a model learned from, and verify it',
      tokenizer: 'train a tokenizer, encode, decode',
      config: 'what a server would be started with, and where each value comes from',
      doctor: 'look at machine and models, and say what to do',
      limit: 'how much may be used: list, set, remove',
      usage: 'what was used, and what it cost',
      audit: 'what administrators did, and whether the record is whole',
      backup: 'copy what is kept, while it is in use',
      restore: 'put a backup where a server may start from it',
      verify: 'whether what is kept, or a backup, is whole',
      user: 'accounts of people: add, list, disable, enable, password, remove',
      key: 'API keys: add, list, revoke',
      org: 'organizations, their projects and members',
    },
  },

  usage: {
    seeHelp: 'See --help.',
    noCommand: (name: string) => `there is no command "${name}"`,
    lang: (given: string) => `--lang takes en or zh, not "${given}"`,
    /** Node's own complaint about an option; `option` is the one it names. */
    option: (_code: string, _option: string, complaint: string) => complaint,
    number: (name: string, whole: boolean, min: number, max: number, given: string) =>
      `--${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${given}"`,
    port: (given: string) => `the variable PORT takes a whole number from 0 to 65535, not "${given}"`,
    chatArgument: (given: string) => `chat takes its messages from the terminal or standard input: "${given}"`,
    generateArgument: (given: string) => `give the text with --prompt: "${given}"`,
    serveArgument: (given: string) => `serve takes no arguments, only options: "${given}"`,
    infoArgument: (given: string) => `info takes no text: "${given}"`,
    tokenizerTrainArgument: (given: string) => `name files with --data: "${given}"`,
    noPrompt: 'give --prompt TEXT, or a text on standard input',
    noText: 'give a text as an argument or on standard input',
    noIds: 'give ids as an argument or on standard input',
    ids: (most: number, given: string) => `decode takes ids from 0 to ${most}, not "${given}"`,
    tokenizerAction: 'say what to do: dotline tokenizer train, encode, decode or info',
    tokenizerData: 'train needs --data with at least one file',
    tokenizerOut: 'train needs --out, the file to write',
    tokenizerSize: 'train needs --vocab-size N, or --characters',
    modelAction:
      'say what to do: dotline model add, list, show, remove, default, alias or export, with the names it needs',
    modelUpstream: 'name the model as those servers know it with --upstream-model',
    modelCapability: (given: string, known: string) => `--capabilities takes ${known}, not "${given}"`,
    modelPrice: (given: string) =>
      `--price takes a currency and three prices, such as EUR:0.1:0.05:0.4, not "${given}"`,
    modelGguf: (given: string) => `--gguf takes f32, f16 or q8_0, not "${given}"`,
    modelGpu: (given: string) => `--gpu takes cuda or vulkan, not "${given}"`,
    modelShare: 'give --canary and --share together, or neither',
    manifestAction: 'say what to do: dotline manifest show FOLDER, or dotline manifest verify FOLDER',
    examTasks: 'name tasks with --tasks FILE or FOLDER',
    examNoTask: (paths: string) => `there is no task with its data in ${paths}`,
    trainAction: 'say what to do: dotline train pretrain, sft, reward, dpo, ppo, grpo, best-of-n or embed',
    trainStage: (config: string, stage: string) => `${config} is for "${stage}": run dotline train ${stage}`,
    trainData: 'give --config run.json, or --data with a file to learn from (reward and dpo: or --generate N)',
    trainRankings: (option: string) => `--${option} is for dotline train reward and dotline train dpo`,
    trainDials: 'turn one dial: --depth or --minutes',
  },

  failure: {
    /** The kinds of errors of other rooms, put before their sentence. */
    kinds: {} as Readonly<Record<string, string>>,
    /** Errors of the system, by their code; where none stands here, the system's own sentence. */
    system: {} as Readonly<Record<string, (path: string) => string>>,
    noModel: (folder: string) =>
      `there is no model in ${folder}: it holds no config.json. Name a model's folder, or a finished run's.`,
    noStarter: `this checkout ships no starter model (there is no folder starter). Train one, for as many minutes as you like:
${firstModel}
Or name any model folder in Hugging Face's layout with --model.`,
    modelUnusable: (folder: string, problem: string) => `the model in ${folder} cannot be used: ${problem}`,
    noWindow: 'it did not say how long its window is',
    modelNotServed: (model: string, problem: string) => `the model ${model} cannot be served: ${problem}`,
    noTokenizer: (path: string) => `${path} does not exist: name a tokenizer.json, or a folder that holds one`,
    noFile: (path: string) => `${path} does not exist`,
    start: {
      public_bind: ({ message }) =>
        `${message} An owner: dotline user add EMAIL. The option for the other: --allow-public.`,
      port_in_use: ({ message }) => `${message} For a free one: --port 0.`,
      port_denied: ({ message }) => `${message} The option for that is --port.`,
      host_unknown: ({ message }) => message,
      no_model: ({ message }) => message,
      store: ({ message }) => message,
    } as Record<StartProblem, (what: NotStarted) => string>,
  },

  serve: {
    welcome: (served: Served) => `Dotline is listening on ${served.url}
The model ${served.model} is loading ...

What to try:
${
  served.chat
    ? `${served.page ? `  Open ${served.url} in a browser and talk to it.\n` : ''}  Ask from another terminal:
  ${ask(served, 'Who are you?')}`
    : `  This model has no chat template: it goes on with a text rather than answer. From another terminal:
  ${go(served, 'Once upon a time')}`
}
  Or point an OpenAI client at it; any key will do:
  new OpenAI({ baseURL: '${served.url}/v1', apiKey: 'none' })

Ctrl-C stops.`,
    ready: (seconds: number) => `The model answers, ${seconds.toFixed(1)} s after the start.`,
    pageMissing: 'The page has not been built, so only the API is served. Build it with npm run build.',
    stopping: 'Stopping: answers in flight may finish. Ctrl-C again stops at once.',
    stopped: 'Stopped.',
  },

  chat: {
    hello: (model: string) => `${model} is listening. /new begins again, /quit leaves, Ctrl-C stops an answer.`,
    fresh: 'A new conversation.',
    unknown: (name: string) => `There is no ${name}; there are /new, /system TEXT and /quit.`,
    dropped: (count: number) => `(${count} messages no longer fit and were left out)`,
  },

  exam: {
    absent: (names: string) => `Left out, for their data is not here: ${names}. Say where it is with --data.`,
    stopped: 'Stopped. The answers so far are kept: the same command goes on from here.',
    looking: (count: number) => `looking for the items in training documents: ${count}`,
    notHere: (path: string) => `Not here, so not looked at: ${path}`,
  },

  train: {
    stopping: 'Stopping after this step; a checkpoint will be saved. Ctrl-C again stops at once, without it.',
    stoppedEarly: 'Stopped before training; unfinished data was removed. The same command begins again.',
    stopped: (step: number, steps: number) => `Stopped after step ${step} of ${steps}; saved. Go on with --resume.`,
    finished: (model: string, report: string) => `The model is in ${model}\nThe report is ${report}`,
  },

  model: {
    added: (name: string) => `The model ${name} is there.`,
    removed: (name: string) => `${name} is gone.`,
    isDefault: (name: string) => `${name} answers where nothing else is asked for.`,
    leads: (name: string, model: string, trial: string) =>
      `${name} leads to ${model}${trial ? `, on trial ${trial}` : ''}.`,
    exported: (file: string, mebibytes: string) => `${file} is written: ${mebibytes} MiB.`,
    llamaInstalled: (folder: string) => `llama.cpp is there, in ${folder}.`,
    llamaFailed: (command: string) => `${command} failed; what it said stands above`,
    none: 'There is no model yet. Add one: dotline model add FOLDER',
    unknown: (name: string) => `there is no model and no alias "${name}"; dotline model list shows what there is`,
    folderTaken: (folder: string) => `${folder} exists already: choose another name with --name, or remove it`,
    refused: (url: string, why: string) =>
      `${url} may not be connected to (${why}). An address in your own network needs --private.`,
    columns: ['model', 'window', 'memory', 'licence', 'where'],
  },

  manifest: {
    holds: (documents: number, tokens: boolean) =>
      `The manifest holds: ${documents} documents${tokens ? ' and their token files' : ''}.`,
    fails: (documents: number, tokens: boolean) =>
      `The manifest does not hold (${documents} documents${tokens ? ' and their token files' : ''} were read).`,
    noTokens: 'The token files are not here and were not checked: say where with --data DIR.',
    rawUnknown: 'The raw documents were not checked: only the folder of a run says where they lie.',
    rawFound: (count: number) => `${count} raw documents are the ones of the manifest.`,
    rawMissing: (count: number, origin: string, source: string, sha256: string) =>
      `Documents of the manifest that are not in the raw sources, or were changed there: ${count}. The first: ${origin} of ${source} (sha256 ${sha256})`,
    absent: (path: string) => `Not here, so not checked: ${path}`,
    unchecked: (count: number) => `Documents from sources that are not here, so not checked: ${count}`,
    elsewhere: (files: readonly string[]) =>
      `Token files of the weights that this run started from were not checked (${files.join(', ')}): name their folders with --data, or verify the run that made them.`,
    inherited: (count: number) =>
      `${count} documents came with the weights that the run started from: verify the run that made them.`,
  },
}

export type Catalogue = typeof english
