/** Facts that a person tells about themselves or others, to be recalled later in the same conversation. */
import type { Attribute } from './attribute.ts'
import { life } from './attributes-life.ts'
import { tastes } from './attributes-tastes.ts'
import type { Context, Exchange, Slots } from './skill.ts'
import { wording } from './wording.ts'

/** Something said, and the question that asks for it later. */
export interface Memory {
  tell(): Exchange
  recall(): Exchange
}

const skill = 'memory'
const attributes = [...tastes, ...life]

const tellTwo = wording(
  'memory.tell.two',
  {
    en: ['$one $two', '$one Also, $two', '$one And $two', '~$one By the way: $two'],
    zh: ['$one$two', '$one还有，$two', '$one另外，$two', '~$one顺便说一下，$two'],
  },
  { opens: false },
)

const wrap = wording(
  'memory.tell.wrap',
  {
    en: [
      '$fact',
      '$fact',
      '$fact',
      '{Please remember|Remember|Note|Remember this}: $fact',
      '$fact {Please remember that.|Remember it.|Do not forget.}',
      '~{Keep in mind|Do not forget this}: $fact',
      '~$fact {Keep that in mind.|I will ask you later.}',
    ],
    zh: [
      '$fact',
      '$fact',
      '$fact',
      '{请记住|记住|记一下|请记一下}：$fact',
      '$fact{请记住。|记住了。|别忘了。}',
      '~{请牢记|别忘了这个}：$fact',
      '~$fact{请放在心上。|等会儿我会问你。}',
    ],
  },
  { opens: false },
)

const noted = {
  en: ['OK, $it.', 'I will remember that $it.', 'Noted: $it.', 'Thank you, I will remember: $it.'],
  zh: ['好的，$it。', '我记住了，$it。', '知道了，$it。', '好的，我会记住：$it。'],
}

interface Told {
  attribute: Attribute
  slots: Slots
  value: string
}

function pickFact(context: Context, attribute: Attribute): Told {
  const slots = attribute.slots(context)
  return { attribute, slots, value: String(slots[attribute.key]) }
}

/** The fact as it stands in an answer, "your name is Ada". */
function echo(context: Context, told: Told): string {
  return context.reply(told.attribute.echo, told.slots)
}

function upper(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}

/** The sentence with its full stop, so that another one can follow. */
function ended(context: Context, sentence: string): string {
  return /[.!。！]$/.test(sentence) ? sentence : sentence + context.in({ en: '.', zh: '。' })
}

function tell(context: Context, facts: Told[]): Exchange {
  const parts = facts.map((fact) => context.say(fact.attribute.tell, fact.slots))
  const [first, second] = parts
  const one = ended(context, first.user)
  const body = second ? context.say(tellTwo, { one, two: ended(context, second.user) }) : first
  const whole = context.say(wrap, { fact: second ? body.user : one })
  const join = context.in({ en: ' and ', zh: '，' })
  const plain = facts.map((fact) => echo(context, fact)).join(join)
  const answer = upper(context.reply(noted, { it: plain }))
  const wordings = [whole.wording, ...(second ? [body.wording] : []), ...parts.map((part) => part.wording)]
  return {
    skill,
    user: whole.user,
    wording: wordings.join(' / '),
    answer,
    expect: [{ kind: 'all', values: facts.map((fact) => fact.value) }],
  }
}

function recall(context: Context, told: Told, stale: string[] = []): Exchange {
  const fact = echo(context, told)
  const answer = context.random.chance(0.85)
    ? upper(
        context.reply(
          { en: ['$it.', '$it.', 'You told me that $it.'], zh: ['$it。', '$it。', '你告诉过我，$it。'] },
          { it: fact },
        ),
      )
    : upper(told.value) + context.in({ en: '.', zh: '。' })
  const wrong = stale.filter((value) => !answer.toLowerCase().includes(value.toLowerCase()))
  return context.ask(skill, told.attribute.ask, told.slots, answer, [
    { kind: 'any', values: [told.value] },
    ...(wrong.length > 0 ? [{ kind: 'none' as const, values: wrong }] : []),
  ])
}

/** One fact, told and later asked for. */
export function oneFact(context: Context, attribute = context.random.pick(attributes)): Memory {
  const told = pickFact(context, attribute)
  return { tell: () => tell(context, [told]), recall: () => recall(context, told) }
}

/** Two facts told at once; each is asked for later. */
export function twoFacts(context: Context): [Memory, Memory] {
  const [first, second] = context.random.sample(attributes, 2).map((attribute) => pickFact(context, attribute))
  return [
    { tell: () => tell(context, [first, second]), recall: () => recall(context, first, [second.value]) },
    { tell: () => tell(context, [first, second]), recall: () => recall(context, second, [first.value]) },
  ]
}

/** Two facts of different kinds, told one after the other. */
export function separateFacts(context: Context): Memory[] {
  return context.random.sample(attributes, 2).map((attribute) => oneFact(context, attribute))
}

const correction = wording(
  'memory.update',
  {
    en: [
      '{Sorry|Wait|Correction|Oh}, $fact',
      '{That changed|That was wrong|I changed my mind|I made a mistake}: $fact',
      'Actually, $fact',
      '~{Scratch that|Please update that}: $fact',
    ],
    zh: [
      '{不对|等等|更正一下|哦}，$fact',
      '{情况变了|刚才说错了|我改主意了|我弄错了}：$fact',
      '其实，$fact',
      '~{刚才的不算|请更新一下}：$fact',
    ],
  },
  { opens: false },
)

/** A fact that is told, then replaced by another value of the same kind, then asked for. */
export function updatedFact(context: Context): Memory[] {
  const attribute = context.random.pick(attributes.filter((one) => one.changes))
  const before = pickFact(context, attribute)
  let after = pickFact(context, attribute)
  while (after.value === before.value) after = pickFact(context, attribute)
  after = { ...after, slots: { ...before.slots, [attribute.key]: after.value } }
  const replace = (): Exchange => {
    const part = context.say(attribute.tell, after.slots)
    const whole = context.say(correction, { fact: part.user })
    return {
      skill,
      user: whole.user,
      wording: `${whole.wording} / ${part.wording}`,
      answer: upper(context.reply(noted, { it: echo(context, after) })),
      expect: [{ kind: 'all', values: [after.value] }],
    }
  }
  return [
    { tell: () => tell(context, [before]), recall: replace },
    { tell: replace, recall: () => recall(context, after, [before.value]) },
  ]
}

const unknownReply = {
  en: ['You have not told me yet.', 'I do not know. You have not told me.'],
  zh: ['你还没有告诉我。', '我不知道，你还没有告诉过我。'],
}

/** A question for a fact that was never told. */
export function unknownFact(context: Context): Exchange {
  const attribute = context.random.pick(attributes.filter((one) => one.personal))
  return context.ask(skill, attribute.ask, attribute.slots(context), context.reply(unknownReply), [
    {
      kind: 'any',
      values: context.in({
        en: ['not told', 'do not know', "don't know", "haven't told", 'have not said'],
        zh: ['没有告诉', '没告诉', '不知道', '没有说', '没说'],
      }),
    },
  ])
}

const everything = wording('memory.all', {
  en: [
    'What do you know about me{| so far}?',
    'What have I told you{| about me| so far}?',
    '{Repeat|Tell me|List|Say} {everything|all} {you know about me|I told you}.',
    '~{Sum up what you know of me|What have you learned about me}?',
  ],
  zh: [
    '你{知道我什么|了解我什么|对我了解多少|记住了我的什么}？',
    '我{告诉过你什么|跟你说过什么|说过什么}？',
    '{重复|说说|列出}{我告诉你的一切|你知道的关于我的事}。',
    '~{总结一下你对我的了解|关于我你都知道些什么}？',
  ],
})

/** Asks for all that was told before. */
export function recallAll(context: Context, count: number): { tells: Exchange[]; recall: Exchange } {
  const facts = context.random
    .sample(
      attributes.filter((one) => one.personal),
      count,
    )
    .map((attribute) => pickFact(context, attribute))
  const join = context.in({ en: ' and ', zh: '，' })
  const answer = upper(facts.map((fact) => echo(context, fact)).join(join)) + context.in({ en: '.', zh: '。' })
  return {
    tells: facts.map((fact) => tell(context, [fact])),
    recall: context.ask(skill, everything, {}, answer, [{ kind: 'all', values: facts.map((fact) => fact.value) }]),
  }
}
