import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { HashSet } from './cleaning/hash-set.ts'
import { MinHasher, similarity } from './cleaning/minhash.ts'
import { Duplicates } from './duplicates.ts'
import { seededRandom } from './shuffle.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const english =
  'A hungry Fox saw some fine bunches of Grapes hanging from a vine that was trained along a high trellis, and did his ' +
  'best to reach them by jumping as high as he could into the air. But it was all in vain, for they were just out of reach.'
const chinese =
  '话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。及秦灭之后，楚、汉分争，又并入于汉。汉朝自高祖斩白蛇而起义，' +
  '一统天下，后来光武中兴，传至献帝，遂分为三国。推其致乱之由，殆始于桓、灵二帝。桓帝禁锢善类，崇信宦官。'

/** The true Jaccard similarity of character 5-grams. */
function jaccard(a: string, b: string): number {
  const shingles = (text: string) => new Set(Array.from({ length: text.length - 4 }, (_, i) => text.slice(i, i + 5)))
  const [one, other] = [shingles(a), shingles(b)]
  const shared = [...one].filter((shingle) => other.has(shingle)).length
  return shared / (one.size + other.size - shared)
}

function randomText(seed: number, length: number): string {
  const random = seededRandom(seed)
  return Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 3000))).join('')
}

test.each([
  ['English, one word changed', english, english.replace('hungry', 'starving'), 'near'],
  ['English, case and spacing', english, english.toUpperCase().replaceAll(' ', '\n  '), 'near'],
  ['English, a sentence of its own', english, `${english.slice(0, 60)} while a crow watched from a wall.`, 'new'],
  ['Chinese, one sign changed', chinese, chinese.replace('禁锢', '囚禁'), 'near'],
  ['Chinese, a remark added', chinese, `${chinese}（完）`, 'near'],
  ['Chinese, the other half', chinese.slice(0, 60), chinese.slice(56), 'new'],
  ['the same again', chinese, chinese, 'exact'],
])('%s', (_, first, second, seen) => {
  const duplicates = new Duplicates()
  expect(duplicates.check(first, sha256(first))).toBe('new')
  expect(duplicates.check(second, sha256(second))).toBe(seen)
})

test('texts from one template are kept where near-duplicates are not looked for', () => {
  const duplicates = new Duplicates()
  const sum = (a: number) => `${'Please be so kind and add these two numbers for me, step by step: '.repeat(2)}${a} + 4`
  expect(duplicates.check(sum(3), sha256(sum(3)), false)).toBe('new')
  expect(duplicates.check(sum(5), sha256(sum(5)), false)).toBe('new')
  expect(duplicates.check(sum(5), sha256(sum(5)), false)).toBe('exact')
})

test('the estimate follows the true similarity', () => {
  const base = randomText(1, 2000)
  for (const kept of [1900, 1700, 1500, 1000, 400]) {
    const other = base.slice(0, kept) + randomText(kept, 2000 - kept)
    const hasher = new MinHasher()
    const estimate = similarity(hasher.signature(base), hasher.signature(other))
    expect(Math.abs(estimate - jaccard(base, other))).toBeLessThan(0.13)
  }
})

test('10,000 different texts are all new, and their copies with one sign changed are all found', () => {
  const duplicates = new Duplicates()
  const texts = Array.from({ length: 10_000 }, (_, i) => randomText(i + 1, 120))
  for (const text of texts) expect(duplicates.check(text, sha256(text))).toBe('new')
  let found = 0
  for (const text of texts) {
    const changed = `${text}一`
    if (duplicates.check(changed, sha256(changed)) === 'near') found++
  }
  expect(found).toBeGreaterThan(9990)
})

test('near-duplicates are forgotten after two windows, exact ones never', () => {
  const duplicates = new Duplicates({ window: 50 })
  const first = randomText(1, 100)
  expect(duplicates.check(first, sha256(first))).toBe('new')
  for (let i = 2; i <= 52; i++) duplicates.check(randomText(i, 100), sha256(`${i}`))
  const within = `${first}一`
  expect(duplicates.check(within, sha256(within))).toBe('near')
  for (let i = 100; i <= 210; i++) duplicates.check(randomText(i, 100), sha256(`${i}`))
  const beyond = `${first}二`
  expect(duplicates.check(beyond, sha256(beyond))).toBe('new')
  expect(duplicates.check(first, sha256(first))).toBe('exact')
  expect(() => new Duplicates({ threshold: 0 })).toThrow(/threshold/)
  expect(() => new Duplicates({ window: 0 })).toThrow(/window/)
})

test('the hash set agrees with a Set', () => {
  const ours = new HashSet()
  const theirs = new Set<number>()
  const random = seededRandom(4)
  for (let i = 0; i < 20_000; i++) {
    const value = Math.floor(random() * (i % 2 ? 5000 : 2 ** 52))
    expect(ours.add(value)).toBe(!theirs.has(value))
    theirs.add(value)
  }
  expect(ours.size).toBe(theirs.size)
})
