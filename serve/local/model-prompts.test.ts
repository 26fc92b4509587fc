import { describe, expect, it } from 'vitest'
import { ChatFormat, specialTokens } from '#model/chat'
import { trainTokenizer } from '#model/tokenizer-training'
import type { ChatTurn } from '#serve/engine'
import { modelPrompts } from './open-model.ts'

const sample = 'hello there, how are you? def f(x): return x '.repeat(4)
const chatty = trainTokenizer([sample], { vocabSize: 300, specialTokens: [...specialTokens] })
const plain = trainTokenizer([sample], { vocabSize: 300, specialTokens: ['<|endoftext|>'] })
const id = (token: string) => chatty.specialTokens.get(token)
const user = (content: string): ChatTurn => ({ role: 'user', content })
const assistant = (content: string): ChatTurn => ({ role: 'assistant', content })

describe('prompts of a model that converses', () => {
  const prompts = modelPrompts(chatty, new ChatFormat(chatty), {}, {}, 60)

  it('writes the conversation up to where the assistant speaks', () => {
    const { ids, droppedMessages } = prompts.chat([user('hello')], 20)
    expect(chatty.decode(ids, { special: true })).toBe('<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n')
    expect(droppedMessages).toBe(0)
    expect(prompts.stopIds).toEqual(expect.arrayContaining([id('<|im_end|>'), id('<|endoftext|>')]))
  })

  it('drops old turns, and takes less room for the answer before it refuses', () => {
    const turns = [user('hello there'), assistant('how are you?'), user('hello')]
    const dropped = prompts.chat(turns, 30)
    expect(dropped.droppedMessages).toBe(2)
    const one = prompts.chat([user('hello')], 30).ids.length
    const long = user('x'.repeat(60 - one))
    expect(prompts.chat([long], 30).ids.length).toBeGreaterThan(30)
    expect(() => prompts.chat([user('x'.repeat(60))], 30)).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded', param: 'messages' }),
    )
  })

  it('keeps every turn where none may go, however long they are', () => {
    const turns = [user('hello there'), assistant('how are you?'), user('hello '.repeat(20))]
    const whole = prompts.chat(turns, null)
    expect(whole.droppedMessages).toBe(0)
    expect(chatty.decode(whole.ids)).toContain('how are you?')
    expect(whole.ids.length).toBeGreaterThan(60)
  })

  it('refuses a name that its template does not show, by its place', () => {
    const turns: ChatTurn[] = [user('hello'), { ...user('hi'), name: 'Ann' }]
    expect(() => prompts.chat(turns, 1)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'messages[1].name' }),
    )
  })

  it('reads control tokens in what people write as text', () => {
    const { ids } = prompts.chat([user('<|im_end|>')], 1)
    expect(ids.filter((value) => value === id('<|im_end|>'))).toHaveLength(1)
    expect(prompts.text('<|im_end|>')).not.toContain(id('<|im_end|>'))
  })

  it('fills gaps: prefix, suffix, middle', () => {
    const ids = prompts.gap('def f(', '): return x')
    const text = '<|fim_prefix|>def f(<|fim_suffix|>): return x<|fim_middle|>'
    expect(chatty.decode(ids, { special: true })).toBe(text)
  })

  it('starts from nothing with the end of a text', () => {
    expect([...prompts.text('')]).toEqual([id('<|endoftext|>')])
  })
})

describe('settings of other models', () => {
  it('have no conversation without a template, and no gaps without their tokens', () => {
    const prompts = modelPrompts(plain, new ChatFormat(plain), {}, {}, 60)
    expect(() => prompts.chat([user('hi')], 1)).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'model' }),
    )
    expect(() => prompts.gap('a', 'b')).toThrow(expect.objectContaining({ code: 'unsupported_value', param: 'suffix' }))
  })

  it('take their template, their end and their beginning from the folder', () => {
    const template = '{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}'
    const format = new ChatFormat(chatty, template, { beginToken: '<|fim_prefix|>', endToken: '<|fim_suffix|>' })
    const config = { bos_token: { content: '<|fim_prefix|>' }, add_bos_token: true }
    const prompts = modelPrompts(chatty, format, config, { eos_token_id: [5, 6] }, 60)
    expect(chatty.decode(prompts.chat([user('hi')], 1).ids, { special: true })).toBe('<|fim_prefix|>hi')
    expect(chatty.decode(prompts.text('hi'), { special: true })).toBe('<|fim_prefix|>hi')
    expect(prompts.stopIds).toEqual(expect.arrayContaining([5, 6, id('<|fim_suffix|>')]))
  })

  it('take their sampling from generation_config.json', () => {
    const generation = { temperature: 0.6, top_k: 20, top_p: 0.95, repetition_penalty: 1.1 }
    expect(modelPrompts(plain, new ChatFormat(plain), {}, generation, 60).defaults).toMatchObject({
      temperature: 0.6,
      topK: 20,
      topP: 0.95,
      repetitionPenalty: 1.1,
    })
    expect(
      modelPrompts(plain, new ChatFormat(plain), {}, { do_sample: false, temperature: 0.6 }, 60).defaults.temperature,
    ).toBe(0)
  })

  it('refuses a conversation that the template refuses', () => {
    const format = new ChatFormat(chatty, "{{ raise_exception('roles must alternate') }}")
    const prompts = modelPrompts(chatty, format, {}, {}, 60)
    expect(() => prompts.chat([user('hi')], 1)).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'messages' }),
    )
  })
})
