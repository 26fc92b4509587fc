import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { ApiError } from '#wire/errors'
import { Mailbox } from './mailbox.ts'

const token = (text: string): EngineEvent => ({ type: 'token', choice: 0, text, logprob: null, top: [] })

async function read(mailbox: Mailbox): Promise<string> {
  let text = ''
  for await (const event of mailbox) if (event.type === 'token') text += event.text
  return text
}

describe('a mailbox', () => {
  it('keeps order, whether its reader waits or comes late', async () => {
    const mailbox = new Mailbox(1000, () => {})
    const text = read(mailbox)
    mailbox.push([token('a'), token('b')])
    await Promise.resolve()
    mailbox.push([token('c')])
    mailbox.finish()
    expect(await text).toBe('abc')
  })

  it('gives what is queued before the error', async () => {
    const mailbox = new Mailbox(1000, () => {})
    mailbox.push([token('a')])
    mailbox.fail(new ApiError('shutting_down'))
    expect((await mailbox.next()).value).toMatchObject({ text: 'a' })
    await expect(mailbox.next()).rejects.toMatchObject({ code: 'shutting_down' })
    expect((await mailbox.next()).done).toBe(true)
  })

  it('tells once when its reader leaves', async () => {
    let left = 0
    const mailbox = new Mailbox(1000, () => left++)
    mailbox.push([token('a'), token('b')])
    for await (const _ of mailbox) break
    await mailbox.return()
    mailbox.push([token('c')])
    expect(left).toBe(1)
    expect((await mailbox.next()).done).toBe(true)
  })

  it('does not tell when the answer had ended', async () => {
    let left = 0
    const mailbox = new Mailbox(1000, () => left++)
    mailbox.finish()
    await mailbox.return()
    expect(left).toBe(0)
  })

  it('cuts a reader that lets more than its limit lie', async () => {
    let left = 0
    const mailbox = new Mailbox(1000, () => left++)
    let pushed = 0
    while (left === 0 && pushed < 100) {
      mailbox.push([token('x'.repeat(100))])
      pushed++
    }
    expect(pushed).toBe(5)
    await expect(mailbox.next()).rejects.toMatchObject({ code: 'slow_consumer' })
    expect(left).toBe(1)
  })

  it('takes one step of any size from a reader that keeps up', async () => {
    const mailbox = new Mailbox(1000, () => {})
    mailbox.push(Array.from({ length: 128 }, () => token('y'.repeat(100))))
    mailbox.finish()
    expect(await read(mailbox)).toHaveLength(12_800)
  })
})
