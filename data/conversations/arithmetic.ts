/** Small sums, comparisons of numbers, and numbers in words. */
import { personNames } from './names.ts'
import { hash } from './random.ts'
import type { Context, Exchange, Skill } from './skill.ts'
import { type Bilingual, wording } from './wording.ts'
import { objects } from './words.ts'

export type Operation = '+' | '-' | '×'

/** Whether a pair of operands is never shown in training. Small pairs and the multiplication table are not held out. */
export function heldOutSum(a: number, b: number, operation: Operation): boolean {
  return operation !== '×' && a >= 10 && b >= 10 && hash(`sum ${a} ${operation} ${b}`) % 6 === 0
}

export function compute(a: number, b: number, operation: Operation): number {
  return operation === '+' ? a + b : operation === '-' ? a - b : a * b
}

interface Sum {
  a: number
  b: number
  operation: Operation
  value: number
}

function drawOperands(context: Context, operation: Operation): [number, number] {
  const { random } = context
  if (operation === '×') return [random.int(0, 10), random.int(1, 10)]
  const top = random.pick([10, 20, 100])
  const a = random.int(0, top)
  return operation === '+' ? [a, random.int(0, top - a)] : [a, random.int(0, a)]
}

function drawSum(context: Context): Sum {
  const operation = context.random.pick<Operation>(['+', '+', '-', '-', '×'])
  for (let attempt = 0; ; attempt++) {
    const [a, b] = drawOperands(context, operation)
    const held = heldOutSum(a, b, operation)
    const wanted = context.heldout && a >= 10 && b >= 10
    if (operation === '×' || (context.heldout ? held || !wanted : !held) || attempt > 200)
      return { a, b, operation, value: compute(a, b, operation) }
  }
}

const smallWords =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** A number from 0 to 100 in English words. */
export function englishNumber(value: number): string {
  if (value === 100) return 'one hundred'
  if (value < 20) return smallWords[value]
  return tens[Math.floor(value / 10) - 2] + (value % 10 === 0 ? '' : `-${smallWords[value % 10]}`)
}

/** A number from 0 to 100 in Chinese characters. */
export function chineseNumber(value: number): string {
  const digits = '零一二三四五六七八九'
  if (value === 100) return '一百'
  if (value < 10) return digits[value]
  return (value < 20 ? '' : digits[Math.floor(value / 10)]) + '十' + (value % 10 === 0 ? '' : digits[value % 10])
}

const asks: Record<Operation, ReturnType<typeof wording>> = {
  '+': wording('sum.plus', {
    en: [
      "{What is|What's|How much is|Compute|Calculate|Work out} $a {+|plus} $b{?|}",
      '$a + $b{ = ?|=|?|}',
      '{Add|Please add} $a and $b.',
      '{What do you get if you add|What is the sum of} $a and $b?',
      '~{Give me the total of|Put together} $a and $b.',
      '~{If I have $a and get $b more, how many is that|$a and $b make what}?',
    ],
    zh: [
      '$a{加|加上|+}$b{等于多少|等于几|是多少|得多少|=|=？|？}',
      '{计算|算一下|请计算|帮我算}{：|}$a{+|加}$b{。|}',
      '$a和$b{的和是多少|相加是多少|加起来是多少}？',
      '~{我有$a个，又得到$b个，一共多少个|把$a与$b合在一起是多少}？',
      '~求{$a与$b之和|$a加$b的结果}。',
    ],
  }),
  '-': wording('sum.minus', {
    en: [
      "{What is|What's|How much is|Compute|Calculate|Work out} $a {-|minus} $b{?|}",
      '$a - $b{ = ?|=|?|}',
      '{Subtract|Take|Please subtract} $b from $a.',
      'What is left if you take $b from $a?',
      '~{If I have $a and lose $b, how many are left|$a less $b is what}?',
      '~{Give me the difference of|Find the difference between} $a and $b.',
    ],
    zh: [
      '$a{减|减去|-}$b{等于多少|等于几|是多少|得多少|=|=？|？}',
      '{计算|算一下|请计算|帮我算}{：|}$a{-|减}$b{。|}',
      '{从$a里减去$b|$a减掉$b}{还剩多少|是多少}？',
      '~{我有$a个，用掉$b个，还剩多少个|$a比$b多多少}？',
      '~求{$a与$b之差|$a减$b的结果}。',
    ],
  }),
  '×': wording('sum.times', {
    en: [
      "{What is|What's|How much is|Compute|Calculate|Work out} $a {×|x|*|times} $b{?|}",
      '$a {×|*} $b{ = ?|=|?|}',
      '{Multiply|Please multiply} $a {by|and} $b.',
      'What is the product of $a and $b?',
      '~{How many are $a groups of $b|If I take $b $a times, what do I get}?',
    ],
    zh: [
      '$a{乘|乘以|×|*}$b{等于多少|等于几|是多少|得多少|=|=？|？}',
      '{计算|算一下|请计算|帮我算}{：|}$a{×|乘}$b{。|}',
      '$a和$b{的积是多少|相乘是多少}？',
      '~{$a组，每组$b个，一共多少个|$a个$b是多少}？',
    ],
  }),
}

const spoken: Record<Operation, Bilingual<string>> = {
  '+': { en: 'plus', zh: '加' },
  '-': { en: 'minus', zh: '减' },
  '×': { en: 'times', zh: '乘' },
}

function sum(context: Context): Exchange {
  const { a, b, operation, value } = drawSum(context)
  const inWords = context.random.chance(0.12)
  const name = (n: number) => (inWords ? context.in({ en: englishNumber(n), zh: chineseNumber(n) }) : n)
  const slots = { a: name(a), b: name(b) }
  const answer = context.reply(
    {
      en: ['$a $op $b = $c', '$a $op $b = $c', '$a $word $b is $c.'],
      zh: ['$a $op $b = $c', '$a $op $b = $c', '$a$word$b等于$c。'],
    },
    { a, b, c: value, op: operation, word: context.in(spoken[operation]) },
  )
  return context.ask('arithmetic', asks[operation], slots, answer, [{ kind: 'number', value }])
}

const story = {
  '+': wording('sum.story.plus', {
    en: [
      '$name has $a $thing. $name {gets|buys|finds} $b more. How many does $name have{| now}?',
      '~There are $a $thing on the table. $name puts $b more on it. How many are there?',
    ],
    zh: [
      '$name有$a个$thing，又{买了|得到|拿来}$b个。$name{现在|一共}有多少个？',
      '~桌上有$a个$thing，$name又放上$b个，现在有多少个？',
    ],
  }),
  '-': wording('sum.story.minus', {
    en: [
      '$name has $a $thing. $name {loses|sells|gives away} $b. How many {are left|does $name have now}?',
      '~There are $a $thing in a box. $name takes $b out. How many stay in the box?',
    ],
    zh: [
      '$name有$a个$thing，{丢了|卖了|送出}$b个。{还剩多少个|$name现在有多少个}？',
      '~箱子里有$a个$thing，$name拿走$b个，里面还有多少个？',
    ],
  }),
}

function storySum(context: Context): Exchange {
  let drawn = drawSum(context)
  while (drawn.operation === '×' || drawn.b < 1 || drawn.a < 2) drawn = drawSum(context)
  const { a, b, operation, value } = drawn
  const thing = context.draw(context.in(objects))
  const slots = {
    a,
    b,
    name: context.draw(context.in(personNames)),
    thing: context.in({ en: plural(thing), zh: thing }),
  }
  const answer = context.reply({ en: ['$a $op $b = $c'], zh: ['$a $op $b = $c'] }, { a, b, op: operation, c: value })
  return context.ask('arithmetic', story[operation === '-' ? '-' : '+'], slots, answer, [{ kind: 'number', value }])
}

/** The regular English plural, with the few irregular ones of our words. */
export function plural(noun: string): string {
  if (noun === 'knife' || noun === 'leaf') return noun.replace(/fe?$/, 'ves')
  if (noun === 'scarf') return 'scarves'
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`
  return /[^aeiou]y$/.test(noun) ? noun.replace(/y$/, 'ies') : `${noun}s`
}

const compare = wording('compare.numbers', {
  en: [
    'Which {number is|is} {bigger|larger|greater|the bigger number}: $a or $b?',
    '{What is|Which is} the {larger|bigger} number, $a or $b?',
    'Is $a or $b {bigger|larger|greater}?',
    '~{Of $a and $b, which is more|Pick the greater of $a and $b}{?|.}',
  ],
  zh: [
    '$a和$b{哪个大|哪个更大|谁大|谁更大|哪个数大}？',
    '{比较|比一比}$a和$b，哪个{大|更大}？',
    '~{$a与$b相比，较大的是哪个|从$a和$b里选出较大的}{？|。}',
  ],
})
const compareLess = wording('compare.less', {
  en: [
    'Which {number is|is} {smaller|less|the smaller number}: $a or $b?',
    'Is $a or $b {smaller|less}?',
    '~{Of $a and $b, which is fewer|Pick the lesser of $a and $b}{?|.}',
  ],
  zh: [
    '$a和$b{哪个小|哪个更小|谁小|谁更小|哪个数小}？',
    '{比较|比一比}$a和$b，哪个{小|更小}？',
    '~{$a与$b相比，较小的是哪个|从$a和$b里选出较小的}{？|。}',
  ],
})

function comparison(context: Context): Exchange {
  const { random } = context
  const a = random.int(0, 100)
  let b = random.int(0, 100)
  while (b === a) b = random.int(0, 100)
  const less = random.chance(0.4)
  const value = less ? Math.min(a, b) : Math.max(a, b)
  const other = a + b - value
  const reply = less
    ? { en: ['$x is smaller.', 'The smaller number is $x.'], zh: ['$x更小。', '较小的是$x。'] }
    : { en: ['$x is bigger.', 'The bigger number is $x.'], zh: ['$x更大。', '较大的是$x。'] }
  return context.ask('compare', less ? compareLess : compare, { a, b }, context.reply(reply, { x: value }), [
    { kind: 'any', values: [String(value)] },
    {
      kind: 'none',
      values: [
        `${other} is bigger`,
        `${other} is larger`,
        `${other} is smaller`,
        `${other}更`,
        `是${other}`,
        `is ${other}`,
      ],
    },
  ])
}

const after = wording('number.next', {
  en: [
    '{What|Which} number {comes|is} {right |}after $a?',
    'What comes after $a?',
    '~{Count one further than|Name the number that follows} $a.',
  ],
  zh: [
    '$a{后面|之后|后边}{是几|是多少|是什么数}？',
    '{比$a大1的数|$a的下一个数}是{多少|几}？',
    '~{从$a再往后数一个是几|紧跟着$a的数是什么}？',
  ],
})
const before = wording('number.previous', {
  en: [
    '{What|Which} number {comes|is} {right |}before $a?',
    'What comes before $a?',
    '~{Count one back from|Name the number that precedes} $a.',
  ],
  zh: [
    '$a{前面|之前|前边}{是几|是多少|是什么数}？',
    '{比$a小1的数|$a的上一个数}是{多少|几}？',
    '~{从$a往回数一个是几|排在$a前头的数是什么}？',
  ],
})

function neighbour(context: Context): Exchange {
  const a = context.random.int(1, 99)
  const next = context.random.chance(0.5)
  const value = next ? a + 1 : a - 1
  const reply = next
    ? { en: ['After $a comes $x.', '$x'], zh: ['$a后面是$x。', '$x'] }
    : { en: ['Before $a comes $x.', '$x'], zh: ['$a前面是$x。', '$x'] }
  return context.ask('compare', next ? after : before, { a }, context.reply(reply, { a, x: value }), [
    { kind: 'number', value },
  ])
}

export const arithmetic: Skill = {
  name: 'arithmetic',
  weight: 9,
  practice: 2,
  make: (context) => [context.random.chance(0.8) ? sum(context) : storySum(context)],
}
export const comparing: Skill = {
  name: 'compare',
  weight: 4,
  practice: 1.5,
  make: (context) => [context.random.chance(0.65) ? comparison(context) : neighbour(context)],
}
