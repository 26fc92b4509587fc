/** Vercel's AI SDK: npm install ai @ai-sdk/openai-compatible, then node examples/ai-sdk.ts */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'

const { DOTLINE_URL = 'http://127.0.0.1:8787', DOTLINE_KEY = 'none', DOTLINE_MODEL = 'dotline-starter' } = process.env
const dotline = createOpenAICompatible({ name: 'dotline', baseURL: `${DOTLINE_URL}/v1`, apiKey: DOTLINE_KEY })

const { textStream, finishReason } = streamText({ model: dotline(DOTLINE_MODEL), prompt: 'Who are you?' })
for await (const part of textStream) process.stdout.write(part)
console.log(`\n(${await finishReason})`)
