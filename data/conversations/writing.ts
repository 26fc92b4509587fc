/** Short writing from templates: stories and poems of two to four lines, slogans, wishes and short messages. */
import { personNames } from './names.ts'
import type { Context, Exchange, Skill } from './skill.ts'
import { wording } from './wording.ts'
import { animals, cities, colours, foods, objects, products } from './words.ts'

const storyAsk = wording('write.story', {
  en: [
    '{Write|Tell|Tell me|Give me} a {short |little |}story about {a |the |}$x{.|, please.}',
    '{I want|I would like} {to hear |}a story about {a |the |}$x.',
    '~{Make up a tale with|Invent a little story around} the $x.',
    '~Once upon a time there was {a|the} $x. Go on.',
  ],
  zh: [
    '{写|讲|给我讲|编}一个{关于$x的|$x的}{小|}故事。',
    '{我想听|请讲}{$x的故事|关于$x的故事}。',
    '~{编一段有$x的小故事|用$x编个故事}。',
    '~从前有一个$x。请接着讲。',
  ],
})

const stories = {
  en: [
    '$name found {a small|an old} $x near $place. It was cold and alone. $name took it home and kept it warm. From that day on they were never apart.',
    'Once there was {a little|a lonely} $x. One day $name came by and smiled at it. "Come with me," said $name. The $x was happy at last.',
    'On a rainy day, $name lost the $x in $place. All night $name looked for it. In the morning it was on the door step.',
  ],
  zh: [
    '$name在$place发现了一个小小的$x。它又冷又孤单。$name把它带回家，让它暖和起来。从那天起，他们再也没有分开。',
    '从前有一个孤单的$x。有一天，$name路过，对它笑了笑。“跟我走吧。”$name说。$x终于高兴了。',
    '一个雨天，$name在$place弄丢了$x。$name找了一整夜。第二天早上，它就在门口。',
  ],
}

function story(context: Context): Exchange {
  const x = context.random.chance(0.4)
    ? context.in({ en: () => singular(context.draw(animals.en)), zh: () => context.draw(animals.zh) })()
    : context.draw(context.in(objects))
  const answer = context.reply(stories, {
    x,
    name: context.draw(context.in(personNames)),
    place: context.draw(context.in(cities)),
  })
  return context.ask('write', storyAsk, { x }, answer, [
    { kind: 'any', values: [x] },
    { kind: 'length', max: 400 },
  ])
}

/** The singular of the plural animals of our list. */
export function singular(plural: string): string {
  const special: Record<string, string> = { wolves: 'wolf', butterflies: 'butterfly', foxes: 'fox', deer: 'deer' }
  return special[plural] ?? plural.replace(/s$/, '')
}

const poemAsk = wording('write.poem', {
  en: [
    '{Write|Make|Give me|Compose} a {short |little |}{poem|verse|rhyme} about {the |}$x{.|, please.}',
    '{Can you write|I would like} a {short |}poem about the $x{?|}',
    '~{Put the $x into verse|Some lines of poetry on the $x please}.',
  ],
  zh: [
    '{写|作|给我写}一首{关于$x的|写$x的}{小诗|诗|短诗}。',
    '{能写一首|我想要一首}$x的诗{吗？|。}',
    '~{以$x为题作诗|用诗句写写$x}。',
  ],
})

const poemTopics = {
  en: [
    'sun',
    'moon',
    'sea',
    'rain',
    'snow',
    'wind',
    'river',
    'mountain',
    'night',
    'spring',
    'summer',
    'autumn',
    'winter',
    'morning',
    'garden',
    'forest',
  ],
  zh: [
    '太阳',
    '月亮',
    '大海',
    '雨',
    '雪',
    '风',
    '河',
    '山',
    '夜晚',
    '春天',
    '夏天',
    '秋天',
    '冬天',
    '早晨',
    '花园',
    '森林',
  ],
}
const poems = {
  en: [
    'The $x is near, the $x is bright,\nit fills the day, it fills the night.\nI look at it and softly say:\nstay with me for one more day.',
    'I walk along and think of you,\nthe $x is old, the $x is new.\nA quiet song, a little light,\nand then I say a soft good night.',
    'O $x, you come, O $x, you go,\nsometimes fast and sometimes slow.\nI sit and wait, I sit and see\nwhat you have brought today to me.',
  ],
  zh: [
    '$x静静来，\n$x慢慢走。\n我在窗前看，\n心里有个友。',
    '我爱看$x，\n早晚都不同。\n一点连一线，\n都在我心中。',
    '抬头望$x，\n低头想故乡。\n一杯清茶淡，\n夜色慢慢长。',
  ],
}

function poem(context: Context): Exchange {
  const x = context.random.pick(context.in(poemTopics))
  return context.ask('write', poemAsk, { x }, context.reply(poems, { x }), [
    { kind: 'any', values: [x] },
    { kind: 'lines', min: 2, max: 6 },
  ])
}

const sloganAsk = wording('write.slogan', {
  en: [
    '{Write|Make|Give me|Create} a {slogan|short slogan|line of advertising|one-line slogan} for {our|the|a|my} $x{.|, please.}',
    '{I need|We need} {a slogan|an advertising line} for {our|the} $x.',
    '~{Sell our $x in one line|What could an advertisement for the $x say}{?|.}',
  ],
  zh: [
    '{给|为}{我们的|}$x写{一句广告语|一条广告|一句口号}。',
    '{我需要|我们需要}一句{$x的|关于$x的}广告语。',
    '~{用一句话推销$x|$x的广告可以怎么写}{？|。}',
  ],
})
const slogans = {
  en: [
    'The $x that makes every day better.',
    'Our $x: simple, strong and made for you.',
    'Good days begin with our $x.',
    'One $x, a thousand smiles.',
  ],
  zh: ['好$x，每一天都更美好。', '选我们的$x，简单又可靠。', '美好的一天，从$x开始。', '一个$x，千百个笑容。'],
}

function slogan(context: Context): Exchange {
  const x = context.draw(context.in(products))
  return context.ask('write', sloganAsk, { x }, context.reply(slogans, { x }), [
    { kind: 'any', values: [x] },
    { kind: 'lines', min: 1, max: 1 },
    { kind: 'length', max: 90 },
  ])
}

const wishAsk = wording('write.wish', {
  en: [
    '{Write|Give me} a {birthday wish|birthday card|birthday greeting|short birthday message} for $name{.|, please.}',
    '{Wish|Say} {happy birthday to $name|$name a happy birthday}.',
    '~$name has a birthday today. {What do I write|Some kind words, please}.',
  ],
  zh: [
    '{给|为}$name写{一句生日祝福|一张生日贺卡|一句生日祝贺}。',
    '{祝|对}$name{生日快乐，写一句话|说生日快乐}。',
    '~今天$name过生日，{写点什么好|请写几句好话}。',
  ],
})
const noteAsk = wording('write.note', {
  en: [
    '{Write|Make} a {short |}{thank-you note|thank you message} to $name for the $x.',
    '{Thank|Help me thank} $name for the $x{.| in one sentence.}',
    '~I got the $x from $name and want to show that I am grateful.',
  ],
  zh: [
    '{写|做}一句{感谢|谢谢}$name送$x的话。',
    '{帮我感谢|感谢}$name{送的|给的}$x。',
    '~我收到了$name的$x，想表达谢意。',
  ],
})

function message(context: Context): Exchange {
  const name = context.draw(context.in(personNames))
  if (context.random.chance(0.5)) {
    const answer = context.reply(
      {
        en: ['Happy birthday, $name! I wish you a year full of joy.', 'Dear $name, happy birthday and all the best!'],
        zh: ['$name，生日快乐！祝你新的一年开开心心。', '亲爱的$name，祝你生日快乐，万事如意！'],
      },
      { name },
    )
    return context.ask('write', wishAsk, { name }, answer, [
      { kind: 'all', values: [name, context.in({ en: 'birthday', zh: '生日' })] },
    ])
  }
  const x = context.draw(context.in(products))
  const answer = context.reply(
    { en: ['Dear $name, thank you very much for the $x.'], zh: ['亲爱的$name，非常感谢你的$x。'] },
    { name, x },
  )
  return context.ask('write', noteAsk, { name, x }, answer, [
    { kind: 'all', values: [name, x, context.in({ en: 'thank', zh: '谢' })] },
  ])
}

const sentenceAsk = wording('write.sentence', {
  en: [
    '{Write|Make|Give me} a sentence with {the word |the words |}"$x"{.|, please.}',
    'Use "$x" in a sentence.',
    '~{Put "$x" into a sentence|Let me see a sentence in which "$x" occurs}.',
  ],
  zh: [
    '用“$x”{造一个句子|造句|写一句话}。',
    '{写|造}一个{有|含有}“$x”的句子。',
    '~{请让“$x”出现在一句话里|拿“$x”来造个句}。',
  ],
})

function sentence(context: Context): Exchange {
  const food = context.random.chance(0.4)
  const x = context.draw(context.in(food ? foods : objects))
  const name = context.draw(context.in(personNames))
  const patterns = food
    ? { en: ['$name likes $x.', 'We eat $x today.'], zh: ['$name喜欢$x。', '我们今天吃$x。'] }
    : {
        en: ['The $x is $colour.', '$name has $anX.', 'I see the $x.'],
        zh: ['$x是$colour的。', '$name有一个$x。', '我看见了$x。'],
      }
  return context.ask(
    'write',
    sentenceAsk,
    { x },
    context.reply(patterns, { x, name, colour: context.draw(context.in(colours)) }),
    [
      { kind: 'any', values: [x] },
      { kind: 'length', max: 80 },
    ],
  )
}

export const writing: Skill = {
  name: 'write',
  weight: 7,
  make: (context) => [context.random.pick([story, poem, slogan, slogan, message, sentence])(context)],
}
