import { describe, expect, it } from 'vitest'
import { llamaInstalled } from '#model/llama-cpp'
import { parity, prompts } from './llama-parity.ts'

// 117 MB that the default install leaves out: 'dotline model llama-cpp install' brings them, and this test with them.
describe.skipIf(!llamaInstalled())('llama.cpp, where it is installed', () => {
  it('goes on with the exported starter as our own engine does, token for token', async () => {
    const { same, sameIds, prompts: asked } = await parity('f32', 10, 24)
    expect([asked, sameIds, same]).toEqual([10, 10, 10])
  }, 60_000)
})

it('asks in both languages, as often in each', () => {
  const chinese = prompts.filter((prompt) => /\p{Script=Han}/u.test(prompt))
  expect([prompts.length, chinese.length]).toEqual([50, 25])
})
