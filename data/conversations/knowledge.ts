/** Translation of single words and phrases, opposites, categories, capitals and simple facts. */
import { yesNo } from './lists.ts'
import { answerIntent, type Context, type Exchange, type Intent, type Skill } from './skill.ts'
import {
  ambiguousOpposites,
  capitals,
  categories,
  opposites,
  phrasePairs,
  simpleFacts,
  wordPairs,
} from './vocabulary.ts'
import { wording } from './wording.ts'

const toChinese = wording('translate.zh', {
  en: [
    '{Translate|Please translate} {to|into} Chinese: $x',
    '{Translate|Please translate} "$x" {to|into} Chinese{.|}',
    '{How do you say|What is|How do I write} "$x" in Chinese?',
    'What is the Chinese {word |}for "$x"?',
    '~{Give me the Chinese for|Put into Chinese}: $x',
    '~{I need "$x" in Chinese|Tell me what Chinese people call "$x"}.',
  ],
  zh: [
    '{翻译成中文|译成中文|请翻译成中文|把它翻成中文}：$x',
    '“$x”{用中文怎么说|的中文是什么|是什么意思|中文怎么说}？',
    '{英文|英语}“$x”{是什么意思|怎么翻译}？',
    '~{请给出中文|中译}：$x',
    '~{我想知道“$x”对应的中文|“$x”换成中文是啥}。',
  ],
})
const toEnglish = wording('translate.en', {
  en: [
    '{Translate|Please translate} {to|into} English: $x',
    '{Translate|Please translate} "$x" {to|into} English{.|}',
    '{How do you say|What is|How do I write} "$x" in English?',
    'What does "$x" mean{| in English}?',
    '~{Give me the English for|Put into English}: $x',
    '~{I need "$x" in English|Tell me what "$x" is called in English}.',
  ],
  zh: [
    '{翻译成英文|译成英文|请翻译成英语|把它翻成英文}：$x',
    '“$x”{用英文怎么说|的英文是什么|英语怎么说|英文怎么说}？',
    '{怎么用英语说|怎么用英文写}“$x”？',
    '~{请给出英文|英译}：$x',
    '~{我想知道“$x”对应的英文|“$x”换成英文是啥}。',
  ],
})

function translate(context: Context): Exchange {
  const { random } = context
  const pair = random.chance(0.75) ? random.pick(wordPairs) : random.pick(phrasePairs)
  const chinese = random.chance(0.5)
  const [from, to] = chinese ? [pair.en, pair.zh] : [pair.zh, pair.en]
  return context.ask('translate', chinese ? toChinese : toEnglish, { x: from }, to, [
    { kind: 'any', values: [to.replace(/[?？]$/, '')] },
    { kind: 'length', max: 60 },
  ])
}

const opposite = wording('opposite', {
  en: [
    '{What is|What\'s|Tell me|Give me} the opposite of {|the word }"$x"{?|}',
    'What is the opposite of $x?',
    'Opposite of $x?',
    '~{Which word means the reverse of|What is contrary to} "$x"?',
  ],
  zh: [
    '“$x”的{反义词是什么|反义词|相反词是什么}？',
    '$x的反义词是什么？',
    '{说出|告诉我}“$x”的反义词。',
    '~{与“$x”意思相反的词是哪个|跟“$x”相对的是什么}？',
  ],
})

function contrary(context: Context): Exchange {
  const [a, b] = context.random.pick(context.in(opposites))
  const backwards = context.random.chance(0.5) && !ambiguousOpposites.has(b)
  const [x, y] = backwards || ambiguousOpposites.has(a) ? [b, a] : [a, b]
  const answer = context.reply({ en: ['The opposite of $x is $y.', '$y'], zh: ['$x的反义词是$y。', '$y'] }, { x, y })
  return context.ask('opposite', opposite, { x }, answer, [
    { kind: 'any', values: context.language === 'zh' ? [`是${y}`, `是“${y}”`, y] : [y] },
    { kind: 'length', max: 60 },
  ])
}

const isA = wording('category.yesno', {
  en: [
    'Is {$x|"$x"} {a kind of|a type of|a sort of} $kind?',
    'Does $x belong to {the group|the category} "$kind"?',
    '{Yes or no|True or false}: is $x a kind of $kind?',
    '~Would you {call|class} $x {as |}a kind of $kind?',
  ],
  zh: [
    '$x{是|算}{$kind|一种$kind}吗？',
    '$x属于$kind吗？',
    '{对还是错|是不是}：$x是$kind？',
    '~{能把$x归为$kind吗|$x可以叫做$kind吗}？',
  ],
})
const which = wording('category.which', {
  en: [
    'What {kind of thing|sort of thing|type of thing} is $x?',
    '{Which|What} {category|group} does $x belong to?',
    'What is $x: an animal, a fruit, a vegetable, a colour, a tool, a country or a vehicle?',
    '~{How would you class $x|Under what heading does $x fall}?',
  ],
  zh: [
    '$x是{什么|哪一类东西|什么类别}？',
    '$x属于{什么|哪一类|哪个类别}？',
    '$x是动物、水果、蔬菜、颜色、工具、国家还是交通工具？',
    '~{该把$x归到哪类|$x算是哪种东西}？',
  ],
})

const isSentence = {
  en: { yes: 'Yes, $x is a kind of $kind.', no: 'No, $x is not a kind of $kind.' },
  zh: { yes: '是的，$x是$kind。', no: '不，$x不是$kind。' },
}

function category(context: Context): Exchange {
  const { random } = context
  const groups = Object.entries(context.in(categories))
  const [kind, members] = random.pick(groups)
  const x = random.pick(members)
  if (random.chance(0.4)) {
    const answer = context.reply(
      { en: ['$x is a kind of $kind.', '$x: $kind'], zh: ['$x是$kind。', '$x属于$kind。'] },
      { x, kind },
    )
    return context.ask('category', which, { x }, answer, [
      { kind: 'any', values: kind === 'colour' ? ['colour', 'color'] : [kind] },
    ])
  }
  const yes = random.chance(0.5)
  const asked = yes ? kind : random.pick(groups.filter(([other]) => other !== kind))[0]
  const sentence = context.in(isSentence)[yes ? 'yes' : 'no']
  return context.ask(
    'category',
    isA,
    { x, kind: asked },
    context.reply({ en: [sentence], zh: [sentence] }, { x, kind: asked }),
    yesNo(context, yes),
  )
}

const capitalOf = wording('capital.of', {
  en: [
    "{What is|What's|Tell me|Name} the capital {|city }of $country{?|}",
    '{Which|What} city is the capital of $country?',
    'Capital of $country?',
    '~{Where does $country have its government seat, I mean the capital|$country has which capital}?',
  ],
  zh: [
    '$country的首都{是哪里|是什么|在哪里|是哪个城市|是}？',
    '{哪个|什么}城市是$country的首都？',
    '{说出|告诉我}$country的首都。',
    '~{$country以哪座城市为首都|请问$country首都为何处}？',
  ],
})
const countryOf = wording('capital.country', {
  en: [
    '$capital is the capital of {which|what} country?',
    '{Which|What} country has {the capital $capital|$capital as its capital}?',
    '~To which country does the capital $capital belong?',
  ],
  zh: ['$capital是{哪个国家|哪国}的首都？', '{哪个国家|哪国}的首都是$capital？', '~首都$capital属于哪个国家？'],
})

function capital(context: Context): Exchange {
  const one = context.random.pick(capitals)
  const slots = { country: context.in(one.country), capital: context.in(one.capital) }
  if (context.random.chance(0.7))
    return context.ask(
      'capital',
      capitalOf,
      slots,
      context.reply(
        { en: ['The capital of $country is $capital.', '$capital'], zh: ['$country的首都是$capital。', '$capital'] },
        slots,
      ),
      [{ kind: 'any', values: [slots.capital] }],
    )
  return context.ask(
    'capital',
    countryOf,
    slots,
    context.reply({ en: ['$capital is the capital of $country.'], zh: ['$capital是$country的首都。'] }, slots),
    [{ kind: 'any', values: [slots.country] }],
  )
}

const facts: Intent[] = simpleFacts.map((fact, i) => ({
  skill: 'fact',
  ask: wording(`fact.${i}`, {
    en: [
      `{|Do you know: |Tell me: |A quick one: |I have a question: }${fact.ask.en[0]}`,
      `{|Do you know: |Tell me: |A quick one: }${fact.ask.en[1]}`,
      `~${fact.ask.en[2]}`,
    ],
    zh: [
      `{|你知道吗，|告诉我，|考考你，|我有个问题：}${fact.ask.zh[0]}`,
      `{|你知道吗，|告诉我，|考考你，}${fact.ask.zh[1]}`,
      `~${fact.ask.zh[2]}`,
    ],
  }),
  reply: { en: [fact.answer.en], zh: [fact.answer.zh] },
  expect: { en: [{ kind: 'any', values: fact.any.en }], zh: [{ kind: 'any', values: fact.any.zh }] },
}))

export const translation: Skill = { name: 'translate', weight: 7, make: (context) => [translate(context)] }
export const knowledge: Skill[] = [
  { name: 'opposite', weight: 3, make: (context) => [contrary(context)] },
  { name: 'category', weight: 4, make: (context) => [category(context)] },
  { name: 'capital', weight: 4, make: (context) => [capital(context)] },
  { name: 'fact', weight: 4, make: (context) => [answerIntent(context, context.random.pick(facts))] },
]
