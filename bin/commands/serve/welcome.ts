/** What `dotline serve` says, in the terminal's language. */
type Said<T> = Record<'en' | 'zh', T>

export interface Served {
  url: string
  model: string
  page: boolean
  /** Whether the model converses: it carries a chat template. */
  chat: boolean
}

const curl = (url: string, endpoint: string, body: object) =>
  `curl ${url}/v1/${endpoint} -H 'Content-Type: application/json' \\\n    -d '${JSON.stringify(body)}'`

const ask = ({ url, model }: Served, content: string) =>
  curl(url, 'chat/completions', { model, messages: [{ role: 'user', content }] })

const go = ({ url, model }: Served, prompt: string) => curl(url, 'completions', { model, prompt, max_tokens: 64 })

const welcomes: Said<(served: Served) => string> = {
  en: (served) => `Dotline is listening on ${served.url}
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
  zh: (served) => `Dotline（点线）正在监听 ${served.url}
正在载入模型 ${served.model} ……

可以试试：
${
  served.chat
    ? `${served.page ? `  用浏览器打开 ${served.url}，和它对话。\n` : ''}  在另一个终端里提问：
  ${ask(served, '你是谁？')}`
    : `  这个模型没有对话模板：它续写文本，而不是回答问题。在另一个终端里：
  ${go(served, '从前')}`
}
  或者让 OpenAI 客户端指向它，密钥随意：
  new OpenAI({ baseURL: '${served.url}/v1', apiKey: 'none' })

按 Ctrl-C 停止。`,
}

export const welcome = (language: keyof Said<unknown>, served: Served): string => welcomes[language](served)

export const ready = (language: keyof Said<unknown>, seconds: number): string =>
  ({
    en: `The model answers, ${seconds.toFixed(1)} s after the start.`,
    zh: `模型已就绪，启动用时 ${seconds.toFixed(1)} 秒。`,
  })[language]

export const pageMissing: Said<string> = {
  en: 'The page has not been built, so only the API is served. Build it with npm run build.',
  zh: '网页尚未构建，目前只提供接口。用 npm run build 构建。',
}

export const stopping: Said<string> = {
  en: 'Stopping: answers in flight may finish. Ctrl-C again stops at once.',
  zh: '正在停止：未完成的回答会先说完。再按一次 Ctrl-C 立即停止。',
}

export const stopped: Said<string> = { en: 'Stopped.', zh: '已停止。' }
