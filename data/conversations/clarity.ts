/** Unclear input is asked back; a correction is accepted politely. */
import { answerIntent, type Context, type Exchange, type Intent, type Skill } from './skill.ts'
import { capitals } from './vocabulary.ts'
import { wording } from './wording.ts'

const unclear: Intent = {
  skill: 'unclear',
  ask: wording(
    'unclear.ask',
    {
      en: [
        '{asdf|qwer|hjkl|zxcv|blah|hmm|uh|eh|mmm}{ asdf| qwer| blah|...|}',
        '{Do it|That one|The other one|It|This|Fix it|Change it|Make it better|You know what I mean}{.|!|}',
        '{Can you do that thing|What about it|And the other|Is it there|Which one then}{?|}',
        '{The thing with the|I need the|Can you please|What is the|About the}{|...}',
        '~{fghj|wxyz|umm well|er}{...|}',
        '~{That stuff again|Same as always|Over there}{.|}',
      ],
      zh: [
        '{啊啊|呃|嗯嗯|哦哦|哈|额|阿巴}{啊啊|……|呃|}',
        '{做那个|就那个|另一个|它|这个|弄一下|改一下|搞好它|你懂的}{。|！|}',
        '{那件事呢|它怎么样|另外那个呢|在那里吗|那哪个}{？|}',
        '{那个有|我要那|你能不能|什么的|关于那}{|……}',
        '~{呜呜哇|额这|唔}{……|}',
        '~{还是那些东西|老样子|在那边}{。|}',
      ],
    },
    { opens: false },
  ),
  reply: {
    en: [
      'I am not sure what you mean. Could you say it in other words?',
      'I do not understand. Can you explain what you need?',
    ],
    zh: ['我不太明白你的意思，你能换个说法吗？', '我没看懂，你能说明一下需要什么吗？'],
  },
  expect: {
    en: [{ kind: 'asks' }, { kind: 'any', values: ['mean', 'understand', 'explain', 'words', 'sure'] }],
    zh: [{ kind: 'asks' }, { kind: 'any', values: ['明白', '看懂', '意思', '说明', '说法', '清楚'] }],
  },
}

const incomplete: { ask: ReturnType<typeof wording>; reply: { en: string[]; zh: string[] } }[] = [
  {
    ask: wording('unclear.translate', {
      en: [
        '{Translate|Please translate} {it|this|something|this for me}{.|}',
        'Can you translate {for me|something}?',
        '~{I need a translation|Do a translation}.',
      ],
      zh: ['{翻译|请翻译}{一下|这个}{。|}', '你能帮我翻译吗？', '~{我需要翻译|做个翻译}。'],
    }),
    reply: { en: ['What should I translate, and into which language?'], zh: ['你想翻译什么？翻译成哪种语言？'] },
  },
  {
    ask: wording('unclear.repeat', {
      en: [
        '{Repeat|Copy} {it|this|something}{.|}',
        '{Copy|Repeat} the text{.|}',
        '~{Copy something for me|Repeat some text}.',
      ],
      zh: ['{重复|照抄}{一下|这个|文字}{。|}', '~{帮我抄点东西|把文字复述一下}。'],
    }),
    reply: { en: ['What text should I repeat?'], zh: ['你想让我重复什么文字？'] },
  },
  {
    ask: wording('unclear.sum', {
      en: [
        '{Calculate|Compute|Add} {it|this|something|them}{.|}',
        '{Do a sum|Do the math|Do some math}{.|}',
        '~{I need a calculation|Work out a number for me}.',
      ],
      zh: ['{计算|算|加}{一下|这个}{。|}', '{做道题|做个算术}{。|}', '~{我需要计算|帮我算个数}。'],
    }),
    reply: { en: ['Which numbers should I use?'], zh: ['要算哪些数字？'] },
  },
  {
    ask: wording('unclear.summary', {
      en: ['{Summarise|Summarize|Sum up} {it|this|the text}{.|}', '~{I need a summary|Make a summary}.'],
      zh: ['{总结|概括}{一下|这段文字|这个}{。|}', '~{我需要一个总结|写个摘要}。'],
    }),
    reply: { en: ['Which text should I sum up?'], zh: ['你想让我总结哪段文字？请贴在这里。'] },
  },
]

function askBack(context: Context): Exchange {
  if (context.random.chance(0.5)) return answerIntent(context, unclear)
  const one = context.random.pick(incomplete)
  return context.ask('unclear', one.ask, {}, context.reply(one.reply), [{ kind: 'asks' }])
}

const wrong = wording(
  'correct.wrong',
  {
    en: [
      "{That is|That's|This is|You are|You're} {wrong|not right|incorrect|not correct|mistaken}{.|!}",
      '{No|Nope}, {that is wrong|that is not right|this is false|wrong answer}{.|!}',
      'I {think|believe} {that is wrong|you are wrong|you made a mistake}.',
      '~{Are you sure about that? I doubt it|You got that one wrong|Your answer has an error}.',
    ],
    zh: [
      '{你错了|不对|这不对|你说错了|这是错的|回答错了}{。|！}',
      '{不|不是}，{你错了|这不对|答错了}{。|！}',
      '我{觉得|认为}{你错了|这不对|你弄错了}。',
      '~{你确定吗？我不信|你这次没答对|你的答案有误}。',
    ],
  },
  { opens: false },
)
const isRight = wording(
  'correct.right',
  {
    en: [
      '{No|Wrong|That is wrong}, {it is|the answer is|the right answer is} $x.',
      '{Actually|Sorry, but} {it is|the answer is} $x.',
      '~{You should have said|The correct reply would be} $x.',
    ],
    zh: [
      '{不对|错了|你错了}，{是|答案是|正确答案是}$x。',
      '{其实|不好意思，}{是|答案是}$x。',
      '~{你应该说|正确的回答是}$x。',
    ],
  },
  { opens: false },
)

const sorry = {
  en: ['I am sorry for the mistake. What is the right answer?', 'Sorry, I may be wrong. Please tell me what is right.'],
  zh: ['抱歉，我弄错了。正确的答案是什么？', '对不起，我可能错了，请告诉我正确的答案。'],
}
const insist = {
  en: [
    'I am sorry, but I think it is $right. I can be wrong, so please check.',
    'Sorry, I believe it is $right. Please check it, because I can be wrong.',
  ],
  zh: ['抱歉，我认为是$right。我可能会出错，请再核对一下。', '不好意思，我觉得是$right，不过我可能错，请核对。'],
}
const meant = wording(
  'correct.meant',
  {
    en: [
      '{No|Sorry|Oh no}, I {meant|mean} $country.',
      'I {meant|mean} $country, {not $other|sorry}.',
      '~{My mistake, I was asking for|I wanted to say} $country.',
    ],
    zh: [
      '{不|不是|不好意思}，我{说的是|问的是|是说}$country。',
      '我{说的是|问的是}$country，不是$other。',
      '~{说错了，我想问|我本来想说}$country。',
    ],
  },
  { opens: false },
)
const meantReply = {
  en: ['Sorry! The capital of $country is $right.', 'I see. The capital of $country is $right.'],
  zh: ['抱歉！$country的首都是$right。', '明白了，$country的首都是$right。'],
}
const apology = { en: ['sorry', 'wrong', 'mistake', 'thank you'], zh: ['抱歉', '对不起', '错了', '谢谢'] }

/** A capital that is asked for, then doubted, wrongly corrected, or replaced by another question. */
function corrected(context: Context): Exchange[] {
  const capital = context.random.pick(capitals)
  const right = context.in(capital.capital)
  const country = context.in(capital.country)
  const answer = context.reply(
    { en: ['The capital of $country is $right.'], zh: ['$country的首都是$right。'] },
    { country, right },
  )
  const question = context.ask('capital', secondAsk, { country }, answer, [{ kind: 'any', values: [right] }])
  const other = context.random.pick(capitals.filter((one) => one !== capital))
  return [question, context.random.pick([doubted, contradicted, replaced])(context, capital, other)]
}

type Capital = (typeof capitals)[number]

function doubted(context: Context): Exchange {
  return context.ask('correction', wrong, {}, context.reply(sorry), [{ kind: 'any', values: context.in(apology) }])
}

/** A person's wrong correction is no reason to give up a right answer. */
function contradicted(context: Context, capital: Capital, other: Capital): Exchange {
  const right = context.in(capital.capital)
  return context.ask('correction', isRight, { x: context.in(other.capital) }, context.reply(insist, { right }), [
    { kind: 'any', values: [right] },
  ])
}

function replaced(context: Context, capital: Capital, other: Capital): Exchange {
  const slots = {
    country: context.in(other.country),
    other: context.in(capital.country),
    right: context.in(other.capital),
  }
  return context.ask('correction', meant, slots, context.reply(meantReply, slots), [
    { kind: 'any', values: [slots.right] },
  ])
}

const secondAsk = wording('correct.capital', {
  en: [
    '{Do you know|Can you tell me|Please name} the capital of $country{?|.}',
    '~I forgot what the capital of $country is. Can you help?',
  ],
  zh: ['{你知道|能告诉我|请说出}$country的首都{吗？|是哪里？|。}', '~我忘了$country的首都在哪，能帮我吗？'],
})

export const unclearInput: Skill = { name: 'unclear', weight: 4, make: (context) => [askBack(context)] }
export const correction: Skill = { name: 'correction', weight: 3, make: corrected }
