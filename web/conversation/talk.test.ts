import { expect, test } from 'vitest'
import { ownSampling, type Sampling } from '../settings/sampling.ts'
import type { Answer, Question } from '../stream/answer.ts'
import { readChunk } from '../stream/chunk.ts'
import { AnswerFailed } from '../stream/failure.ts'
import { Talk } from './talk.ts'
import { shownPath } from './tree.ts'

const piece = (content: string, finish: string | null = null) =>
  readChunk({ model: 'dot', choices: [{ delta: { content }, finish_reason: finish }] })
const usage = readChunk({
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 4 },
  dotline: { dropped_messages: 2 },
})

/** A model that answers "answer 1", "answer 2", ..., waits at "hang" until it is stopped, and fails at "fail". */
function scripted(asked: Question[]): Answer {
  return async function* (question, signal) {
    asked.push(question)
    const last = question.messages.at(-1)?.content
    yield piece('answer ')
    if (last === 'hang') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (last === 'fail') throw new AnswerFailed('cut')
    yield piece(String(asked.length), 'stop')
    yield usage
  }
}

function talkWith(sampling: Sampling = ownSampling) {
  const asked: Question[] = []
  let clock = 0
  const now = () => (clock += 10)
  const talk = new Talk({
    answer: scripted(asked),
    now,
    soon: (call) => call(),
    sampling: () => sampling,
    model: () => 'dot',
  })
  return { talk, asked }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))
const shown = (talk: Talk) => shownPath(talk.state.tree).map((message) => message.text)

test('what is sent is answered, with its tokens and times, and the next question carries the whole talk', async () => {
  const { talk, asked } = talkWith({ ...ownSampling, temperature: 0, system: 'Be brief.' })
  talk.send(' hello ')
  await settle()
  talk.send('again')
  await settle()
  expect(shown(talk)).toEqual(['hello', 'answer 1', 'again', 'answer 2'])
  expect(asked[1]).toEqual({
    model: 'dot',
    temperature: 0,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'answer 1' },
      { role: 'user', content: 'again' },
    ],
  })
  const answer = shownPath(talk.state.tree)[1]
  expect(answer.state).toBe('done')
  expect(answer.details).toMatchObject({
    model: 'dot',
    promptTokens: 9,
    completionTokens: 4,
    finishReason: 'stop',
    dropped: 2,
  })
  expect(answer.details?.firstTokenMs).toBeGreaterThan(0)
  expect(answer.details?.totalMs).toBeGreaterThan(answer.details?.firstTokenMs ?? 0)
})

test('another answer keeps the earlier one, and turning brings it back', async () => {
  const { talk } = talkWith()
  talk.send('hello')
  await settle()
  talk.redo('m2')
  await settle()
  expect(shown(talk)).toEqual(['hello', 'answer 2'])
  talk.turn('m3', -1)
  expect(shown(talk)).toEqual(['hello', 'answer 1'])
  talk.turn('m2', -1)
  expect(shown(talk)).toEqual(['hello', 'answer 1'])
})

test('editing the first message starts a branch at the root', async () => {
  const { talk } = talkWith()
  talk.send('hello')
  await settle()
  talk.edit('m1', 'good day')
  await settle()
  expect(shown(talk)).toEqual(['good day', 'answer 2'])
  talk.turn('m3', -1)
  expect(shown(talk)).toEqual(['hello', 'answer 1'])
})

test('stopping keeps what was written; nothing else is sent meanwhile', async () => {
  const { talk, asked } = talkWith()
  talk.send('hang')
  await settle()
  talk.send('too early')
  expect(talk.state.writing).toBe('m2')
  talk.stop()
  await settle()
  expect(talk.state.writing).toBe('')
  expect(shownPath(talk.state.tree)[1]).toMatchObject({ text: 'answer ', state: 'stopped', failure: null })
  expect(asked.length).toBe(1)
})

test('a failure stays with its message, and trying again keeps the half answer as a branch', async () => {
  const { talk } = talkWith()
  talk.send('fail')
  await settle()
  expect(shownPath(talk.state.tree)[1]).toMatchObject({ state: 'failed', failure: { kind: 'cut' } })
  talk.redo('m2')
  await settle()
  expect(talk.state.tree.children.m1).toEqual(['m2', 'm3'])
})

test('a new chat in mid-answer stops it, and it can be brought back', async () => {
  const { talk } = talkWith()
  talk.send('hang')
  await settle()
  talk.clear()
  await settle()
  expect(shown(talk)).toEqual([])
  expect(talk.state.writing).toBe('')
  talk.bringBack()
  expect(shownPath(talk.state.tree)[1]).toMatchObject({ text: 'answer ', state: 'stopped' })
})
