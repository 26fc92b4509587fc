import { describe, expect, it } from 'vitest'
import type { StepMetrics } from '#train/metrics'
import { TrainingDisplay } from './display.ts'

const step: StepMetrics = {
  kind: 'step',
  step: 50,
  tokens: 1000,
  loss: 2.34567,
  gradientNorm: 0.5,
  learningRate: 1e-3,
  tokensPerSecond: 1234.5,
  utilisation: 0.678,
  seconds: 10,
}
const progress = { step: 50, steps: 100, secondsLeft: 600 }

function screen(isTTY: boolean, columns = 200) {
  const written: string[] = []
  const display = new TrainingDisplay({ write: (text) => written.push(text), isTTY, columns })
  return { display, text: () => written.join('') }
}

describe('the line of a step', () => {
  it('shows progress, loss, speed, share of the peak, gradient and time left', () => {
    const { display, text } = screen(true)
    display.show(step, progress)
    expect(text()).toContain('●'.repeat(12) + '·'.repeat(12))
    for (const part of ['50/100', 'loss 2.346', '1235 tokens/s', '68 % of peak', '‖g‖ 0.50', '10 min left'])
      expect(text()).toContain(part)
  })

  it('shows no share of a peak that was measured too low', () => {
    const { display, text } = screen(true)
    display.show({ ...step, utilisation: 1.34 }, progress)
    expect(text()).toContain('(peak was measured on a busy machine)')
    expect(text()).not.toMatch(/134|100 %/)
  })

  it('moves in a terminal and never wraps', () => {
    const { display, text } = screen(true, 40)
    display.show(step, progress)
    display.show(step, progress)
    expect(text()).not.toContain('\n')
    for (const line of text().split('\r\x1b[K')) expect(line.length).toBeLessThan(40)
    display.end()
    expect(text().endsWith('\n')).toBe(true)
  })

  it('is written now and then where there is no terminal', () => {
    const { display, text } = screen(false)
    for (let i = 0; i < 5; i++) display.show(step, progress)
    expect(text().match(/50\/100/g)).toHaveLength(1)
    expect(text()).not.toContain('\r')
  })
})

it('shows of a policy what its flight recorder keeps, and what it marks', () => {
  const { display, text } = screen(true)
  const record = {
    step: 50,
    loss: 1,
    gradientNorm: 1,
    kl: 0.0321,
    entropy: 1.5,
    reward: 0.4567,
    spread: 0.1,
    length: 31,
  }
  const more = {
    clipFraction: 0.12,
    explainedVariance: 0.2,
    repetition: 0,
    klCoefficient: 0.05,
    klOfAnswer: 1,
    ended: 1,
  }
  const pace = { text: 0, stoppedByKl: false, rolloutShare: 0.42, rolloutTokensPerSecond: 1234 }
  const mark = { kind: 'kl', step: 50, reason: 'the policy has run away' } as const
  display.show({ ...step, flight: { ...record, ...more, ...pace, mark } }, progress)
  for (const part of ['reward 0.457', 'KL 0.032', 'H 1.50', '31 tokens', 'clip 12 %', '1234 tokens/s', '42 %'])
    expect(text()).toContain(part)
  expect(text()).toContain('! kl: the policy has run away')
  const answers = { prompts: 64, reward: 0.5, exam: 0.25, kl: 0.1, length: 30, repetition: 0 }
  display.show({ kind: 'evaluation', step: 50, tokens: 1, seconds: 1, scores: {}, answers }, progress)
  expect(text()).toContain('64 held-out prompts: reward 0.500, by the rules 25.0 % right')
})

describe('what stays', () => {
  it('takes the place of the moving line', () => {
    const { display, text } = screen(true)
    display.show(step, progress)
    const scores = { books: { loss: 1, bitsPerByte: 1.2345 }, laws: { loss: 1, bitsPerByte: 2 } }
    display.show({ kind: 'evaluation', step: 50, tokens: 1, seconds: 1, scores }, progress)
    expect(text().endsWith('\r\x1b[Kstep 50: bits per byte: books 1.234, laws 2.000\n')).toBe(true)
  })

  it('lets no sample steer the terminal', () => {
    const { display, text } = screen(false)
    display.show({ kind: 'sample', step: 1, prompt: 'a', text: '\x1b[2Jb\nc\u009b' }, progress)
    expect(text()).toBe('  a ▸ ␛[2Jb ⏎ c\ufffd\n')
  })
})
