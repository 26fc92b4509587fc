/** What `dotline serve` says, in the terminal's language. */
type Said<T> = Record<'en' | 'zh', T>

export interface Served {
  url: string
  model: string
  page: boolean
}

const ask = (url: string, model: string, question: string) =>
  `curl ${url}/v1/chat/completions -H 'Content-Type: application/json' \\\n` +
  `    -d '{"model": "${model}", "messages": [{"role": "user", "content": "${question}"}]}'`

const welcomes: Said<(served: Served) => string> = {
  en: ({ url, model, page }) => `Dotline is listening on ${url}
The model ${model} is loading ...

What to try:
${page ? `  Open ${url} in a browser and talk to it.\n` : ''}  Ask from another terminal:
  ${ask(url, model, 'Who are you?')}
  Or point an OpenAI client at it; any key will do:
  new OpenAI({ baseURL: '${url}/v1', apiKey: 'none' })

Ctrl-C stops.`,
  zh: ({ url, model, page }) => `Dotline（点线）正在监听 ${url}
正在载入模型 ${model} ……

可以试试：
${page ? `  用浏览器打开 ${url}，和它对话。\n` : ''}  在另一个终端里提问：
  ${ask(url, model, '你是谁？')}
  或者让 OpenAI 客户端指向它，密钥随意：
  new OpenAI({ baseURL: '${url}/v1', apiKey: 'none' })

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
