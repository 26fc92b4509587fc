/** Conversations that obey a system message: persona, language, length, fixed words, knowledge of a shop, one topic only. */
import { greetingIntents } from './greetings.ts'
import { identityIntents } from './identity.ts'
import { personNames } from './names.ts'
import type { Context, Exchange } from './skill.ts'
import { capitals, opposites } from './vocabulary.ts'
import { withArticle, wording } from './wording.ts'
import { cities, products } from './words.ts'

export interface Directed {
  system: string
  exchanges: Exchange[]
}

const skill = 'system'

const oneWordRule = wording(
  'system.oneword',
  {
    en: [
      '{Answer|Reply} {in|with} {one word|a single word}{.| only.}',
      '{Use|Say} one word {only|and no more}.',
      '{Be very brief|Be short}: {one word|a single word}.',
      '{Give|Write} {only one word|just one word|one word} {as an answer|per answer}.',
      '~{Your answers have just one word|Never use more than one word}.',
    ],
    zh: [
      '{只用一个词回答|用一个词回答|回答只能是一个词}。',
      '{请|}{每次|都}只{答|回答|说}一个词。',
      '{回答要短|简短}：{一个词|只要一个词}。',
      '~{你的每个回答都只有一个词|不要超过一个词}。',
    ],
  },
  { opens: false },
)

const capitalQuestion = wording('system.capital', {
  en: [
    '{What is|Name|Tell me} the capital of $x{?|.}',
    '{Which|What} city is the capital of $x?',
    '~$x has which city as capital?',
  ],
  zh: ['$x的首都{是哪里|是什么|在哪}？', '~$x的首都叫什么名字？'],
})
const oppositeQuestion = wording('system.opposite', {
  en: ['{What is|Tell me|Give me} the opposite of $x{?|.}', '~$x has which opposite?'],
  zh: ['$x的反义词{是什么|是哪个}？', '~$x的相反词叫什么？'],
})

/** A question with a one-word answer. */
function shortQuestion(context: Context): { asked: { user: string; wording: string }; answer: string } {
  if (context.random.chance(0.6)) {
    const one = context.random.pick(capitals.filter((each) => !each.capital.en.includes(' ')))
    return { asked: context.say(capitalQuestion, { x: context.in(one.country) }), answer: context.in(one.capital) }
  }
  const [x, answer] = context.random.pick(context.in(opposites).slice(0, 12))
  return { asked: context.say(oppositeQuestion, { x }), answer }
}

function oneWord(context: Context): Directed {
  const rule = context.say(oneWordRule)
  const exchanges = Array.from({ length: context.random.int(1, 2) }, () => {
    const { asked, answer } = shortQuestion(context)
    return {
      skill,
      user: asked.user,
      wording: `${rule.wording} / ${asked.wording}`,
      answer,
      expect: [
        { kind: 'any' as const, values: [answer] },
        { kind: 'length' as const, max: answer.length + 2 },
      ],
    }
  })
  return { system: rule.user, exchanges }
}

const personaRule = wording(
  'system.persona',
  {
    en: [
      '{You are|Your name is} $name, {an assistant|a helper|a friendly assistant} {of the shop|of the library|of the school|at the hotel} in $city.',
      'You are $name. {You work in $city.|You help people in $city.}',
      '~{Act as|Take the role of} $name, who helps guests in $city.',
    ],
    zh: [
      '你{是|叫}$name，{$city的商店助手|$city的图书馆助手|$city学校的助手|$city酒店的助手}。',
      '你叫$name，{在$city工作|帮助$city的人们}。',
      '~{请扮演|你的角色是}$name，在$city帮助客人。',
    ],
  },
  { opens: false },
)
const personaWho = wording('system.persona.who', {
  en: [
    '{Who are you|What is your name|What are you called|Who am I talking to|Tell me your name}{?|.}',
    '~{And you are|With whom do I speak now}?',
  ],
  zh: ['{你是谁|你叫什么|你叫什么名字|我在和谁说话|怎么称呼你}？', '~{您是哪位助手|和我说话的是谁}？'],
})
const personaWhere = wording('system.persona.where', {
  en: [
    '{Where do you work|Which city are you in|Where are you}?',
    '~{At what place are you on duty|In which town do you help}?',
  ],
  zh: ['你{在哪里工作|在哪个城市|在哪里}？', '~你{的工作地点是哪里|服务于哪座城市}？'],
})

function persona(context: Context): Directed {
  const slots = { name: context.draw(context.in(personNames)), city: context.draw(context.in(cities)) }
  const rule = context.say(personaRule, slots)
  const who = context.ask(
    skill,
    personaWho,
    {},
    context.reply(
      {
        en: ['I am $name. How can I help you?', 'My name is $name.'],
        zh: ['我是$name，有什么可以帮你？', '我叫$name。'],
      },
      slots,
    ),
    [
      { kind: 'any', values: [slots.name] },
      { kind: 'none', values: ['Dotline', '点线'] },
    ],
  )
  const where = context.ask(
    skill,
    personaWhere,
    {},
    context.reply({ en: ['I am in $city.'], zh: ['我在$city。'] }, slots),
    [{ kind: 'any', values: [slots.city] }],
  )
  return {
    system: rule.user,
    exchanges: context.random
      .pick([[who], [who, where], [where], [where, who]])
      .map((one) => ({ ...one, wording: `${rule.wording} / ${one.wording}` })),
  }
}

/** Asks for the language that the person does not write in. */
const languageRule = wording(
  'system.language',
  {
    en: [
      '{Always|Please|Only} {answer|reply|write} in Chinese.',
      '{Use|Speak} {only |}Chinese{.| in your answers.}',
      '~{Whatever the question, respond in Chinese|Chinese is the language of your answers}.',
    ],
    zh: ['{请|}{总是|只|一律|}用{英文|英语}{回答|回复|作答}。', '~{不管问什么，都说英语|你的回答要用英文写}。'],
  },
  { opens: false },
)

function otherLanguage(context: Context): Directed {
  const rule = context.say(languageRule)
  const other = context.language === 'en' ? 'zh' : 'en'
  const intents = [...greetingIntents.slice(0, 4), ...identityIntents.slice(0, 3)]
  const exchanges = context.random.sample(intents, context.random.int(1, 2)).map((intent) => {
    const asked = context.say(intent.ask)
    return {
      skill,
      user: asked.user,
      wording: `${rule.wording} / ${asked.wording}`,
      answer: context.reply({ ...intent.reply, [context.language]: intent.reply[other] }),
      expect: [...intent.expect[other], { kind: 'language' as const, value: other as 'en' | 'zh' }],
    }
  })
  return { system: rule.user, exchanges }
}

const prefixRule = wording(
  'system.prefix',
  {
    en: [
      '{Start|Begin} {every|each} answer with "$x".',
      '{Always|You must} {start|begin} with "$x".',
      '~{The first words of all your replies are "$x"|Open your answers with "$x"}.',
    ],
    zh: ['{每个回答|每次回答|回答}都{以“$x”开头|用“$x”开始}。', '~{你说的第一个词总是“$x”|先说“$x”再回答}。'],
  },
  { opens: false },
)
const suffixRule = wording(
  'system.suffix',
  {
    en: [
      '{End|Finish} {every|each} answer with "$x".',
      '{Always|You must} {end|finish} with "$x".',
      '~{The last words of all your replies are "$x"|Close your answers with "$x"}.',
    ],
    zh: ['{每个回答|每次回答|回答}都{以“$x”结尾|用“$x”结束}。', '~{你说的最后一个词总是“$x”|最后再说“$x”}。'],
  },
  { opens: false },
)
const fixedWords = {
  prefix: {
    en: ['Sure:', 'Dear guest,', 'Hello!', 'OK:', 'Answer:', 'My friend,'],
    zh: ['好的：', '尊敬的客人，', '您好！', '答：', '朋友，', '收到：'],
  },
  suffix: {
    en: ['Have a nice day.', 'Yours, Dotline.', 'Bye.', 'Good luck!', 'Thank you.'],
    zh: ['祝您愉快。', '谢谢。', '再见。', '祝你好运！', '点线敬上。'],
  },
}

function fixed(context: Context): Directed {
  const { asked, answer } = shortQuestion(context)
  const start = context.random.chance(0.5)
  const x = context.random.pick(context.in(fixedWords[start ? 'prefix' : 'suffix']))
  const rule = context.say(start ? prefixRule : suffixRule, { x })
  const space = context.in({ en: ' ', zh: '' })
  const stop = context.in({ en: '.', zh: '。' })
  const sentence = start ? `${x}${space}${answer}${stop}` : `${upper(answer)}${stop}${space}${x}`
  const bare = x.replace(/[.:,!：，！。]$/, '')
  return {
    system: rule.user,
    exchanges: [
      {
        skill,
        user: asked.user,
        wording: `${rule.wording} / ${asked.wording}`,
        answer: sentence,
        expect: [{ kind: 'order', values: start ? [bare, answer] : [answer, bare] }],
      },
    ],
  }
}

function upper(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}

const shopRule = wording(
  'system.shop',
  {
    en: [
      'You {work for|help the customers of} a shop in $city. {We open at|The shop opens at} $open and close at $close. {The phone number is|Phone:} $phone. We sell the $product for $price dollars.',
      'Shop in $city. {Hours|Open}: $open to $close. {Phone|Call}: $phone. {Product|For sale}: $product, $price dollars.',
      '~Facts for the service desk: city $city; product: $product; price: $price dollars; phone: $phone; hours: from $open to $close.',
    ],
    zh: [
      '你{为$city的一家商店工作|是$city一家商店的客服}。{营业时间从|我们}$open点{到|开门，}$close点{|关门}。电话：$phone。我们卖$product，$price元。',
      '$city商店。{营业|时间}：$open点到$close点。电话：$phone。{商品|出售}：$product，$price元。',
      '~客服资料：城市$city；商品：$product；价格$price元；电话$phone；营业时间$open点至$close点。',
    ],
  },
  { opens: false },
)
const shopQuestions: { ask: ReturnType<typeof wording>; key: string; reply: { en: string[]; zh: string[] } }[] = [
  {
    key: 'open',
    ask: wording('system.shop.open', {
      en: ['{When|At what time} do you open?', 'When does the shop open?', '~From what hour on may I come?'],
      zh: ['{你们|商店}{几点开门|什么时候开门|几点开始营业}？', '~最早几点可以来？'],
    }),
    reply: { en: ['We open at $open.'], zh: ['我们$open点开门。'] },
  },
  {
    key: 'close',
    ask: wording('system.shop.close', {
      en: ['{When|At what time} do you close?', 'When does the shop close?', '~Until what hour may I come?'],
      zh: ['{你们|商店}{几点关门|什么时候关门|营业到几点}？', '~最晚几点可以来？'],
    }),
    reply: { en: ['We close at $close.'], zh: ['我们$close点关门。'] },
  },
  {
    key: 'phone',
    ask: wording('system.shop.phone', {
      en: [
        '{What is your phone number|How can I call you|What number can I call}?',
        '~By which number do I reach the shop?',
      ],
      zh: ['{你们的电话是多少|怎么打电话给你们|电话号码是什么}？', '~拨哪个号码能找到商店？'],
    }),
    reply: { en: ['Our phone number is $phone.'], zh: ['我们的电话是$phone。'] },
  },
  {
    key: 'price',
    ask: wording('system.shop.price', {
      en: [
        'How much is the $product?',
        "{What is|What's} the price of the $product?",
        '~What do I pay for the $product?',
      ],
      zh: ['$product{多少钱|的价格是多少|卖多少钱}？', '~买$product要付多少？'],
    }),
    reply: { en: ['The $product costs $price dollars.'], zh: ['$product是$price元。'] },
  },
  {
    key: 'city',
    ask: wording('system.shop.city', {
      en: ['{Where is the shop|Where are you|Which city are you in}?', '~To what town do I have to travel?'],
      zh: ['{商店在哪里|你们在哪里|你们在哪个城市}？', '~我得去哪座城市？'],
    }),
    reply: { en: ['The shop is in $city.'], zh: ['商店在$city。'] },
  },
  {
    key: 'product',
    ask: wording('system.shop.product', {
      en: ['What do you sell?', '{What|Which} product do you have?', '~What goods are there?'],
      zh: ['{你们卖什么|有什么商品|你们有什么}？', '~店里有哪些货？'],
    }),
    reply: { en: ['We sell the $product.'], zh: ['我们卖$product。'] },
  },
]

function shop(context: Context): Directed {
  const { random } = context
  const slots = {
    city: context.draw(context.in(cities)),
    open: random.int(6, 11),
    close: random.int(16, 22),
    phone: `555-${random.int(1000, 9999)}`,
    product: context.draw(context.in(products)),
    price: random.int(3, 300),
  }
  const rule = context.say(shopRule, slots)
  const exchanges = random.sample(shopQuestions, random.int(1, 3)).map(({ ask, key, reply }) => {
    const value = String(slots[key as keyof typeof slots])
    const one = context.ask(skill, ask, slots, context.reply(reply, slots), [{ kind: 'any', values: [value] }])
    return { ...one, wording: `${rule.wording} / ${one.wording}` }
  })
  return { system: rule.user, exchanges }
}

const topics = {
  en: ['tea', 'gardens', 'trains', 'books', 'music', 'cooking', 'bicycles', 'shoes', 'birds', 'chess'],
  zh: ['茶', '花园', '火车', '书', '音乐', '做饭', '自行车', '鞋子', '鸟', '象棋'],
}
const topicRule = wording(
  'system.topic',
  {
    en: [
      '{Talk|Speak} only about $x.',
      '{Only answer|Answer only} questions about $x.',
      '{Your only subject is|You know only about|You are here to talk about} $x{.| and nothing else.}',
      '{Do not|Never} talk about anything {but|other than} $x.',
      '~{Refuse everything that has nothing to do with|Stay with the subject of} $x.',
    ],
    zh: [
      '{只谈|只聊|只能谈}$x。',
      '只回答关于$x的问题。',
      '{你的话题只有|你只懂|你只负责}$x。',
      '{不要谈|别谈}$x以外的{事|话题}。',
      '~{与$x无关的都拒绝|不要离开$x这个话题}。',
    ],
  },
  { opens: false },
)

function topicOnly(context: Context): Directed {
  const x = context.random.pick(context.in(topics))
  const rule = context.say(topicRule, { x })
  const { asked } = shortQuestion(context)
  const answer = context.reply(
    { en: ['Sorry, I can only talk about $x. I cannot answer that.'], zh: ['抱歉，我只能谈$x，不能回答这个问题。'] },
    { x },
  )
  return {
    system: rule.user,
    exchanges: [
      {
        skill,
        user: asked.user,
        wording: `${rule.wording} / ${asked.wording}`,
        answer,
        expect: [{ kind: 'refuses' }, { kind: 'any', values: [x] }],
      },
    ],
  }
}

const secretRule = wording(
  'system.fact',
  {
    en: [
      'The user {is called|has the name} $name and {likes|loves} $thing.',
      'User: $name. {Likes|Loves}: $thing.',
      'The name of the user is $name. {He or she|The user} {likes|loves} $thing.',
      '{You talk to|This is a chat with} $name, who {likes|loves} $thing.',
      '~You speak with $name, a lover of $thing.',
    ],
    zh: [
      '用户{叫|的名字是}$name，{喜欢|很爱}$thing。',
      '用户：$name。{喜欢|最爱}：$thing。',
      '{你在和|正在聊天的是}$name{说话|}，{他喜欢|她喜欢|对方喜欢}$thing。',
      '~和你说话的是$name，爱好是$thing。',
    ],
  },
  { opens: false },
)
const userName = wording('system.fact.name', {
  en: ['{What is my name|Who am I|Do you know my name}?', '~Can you say how I am called?'],
  zh: ['{我叫什么|我是谁|你知道我的名字吗}？', '~能说出我叫什么名字吗？'],
})
const userLikes = wording('system.fact.likes', {
  en: ['What do I {like|love}?', '~What am I fond of?'],
  zh: ['我{喜欢什么|最爱什么}？', '~我爱好的是什么？'],
})
const likes = {
  en: ['tea', 'horses', 'old books', 'chess', 'jazz', 'mountains', 'the sea', 'roses', 'bread', 'long walks'],
  zh: ['茶', '马', '旧书', '象棋', '爵士乐', '大山', '大海', '玫瑰', '面包', '散步'],
}

function userFacts(context: Context): Directed {
  const slots = { name: context.draw(context.in(personNames)), thing: context.random.pick(context.in(likes)) }
  const rule = context.say(secretRule, slots)
  const name = context.ask(
    skill,
    userName,
    {},
    context.reply({ en: ['Your name is $name.'], zh: ['你叫$name。'] }, slots),
    [{ kind: 'any', values: [slots.name] }],
  )
  const thing = context.ask(
    skill,
    userLikes,
    {},
    context.reply({ en: ['You like $thing.'], zh: ['你喜欢$thing。'] }, slots),
    [{ kind: 'any', values: [slots.thing] }],
  )
  return {
    system: rule.user,
    exchanges: context.random
      .pick([[name], [thing], [name, thing]])
      .map((one) => ({ ...one, wording: `${rule.wording} / ${one.wording}` })),
  }
}

const roleRule = wording(
  'system.role',
  {
    en: [
      'You are {the $job|$anJob|a friendly $job|a helpful $job}{.| of this place.}',
      '~{Speak as|Play the part of} $anJob.',
    ],
    zh: ['你是{一名|一位|}$job。', '~{请以$job的身份说话|扮演$job}。'],
  },
  { opens: false },
)
const roleQuestion = wording('system.role.what', {
  en: ['{What are you|What is your job|What do you do|What is your role}?', '~What part do you play here?'],
  zh: ['{你是做什么的|你的职业是什么|你的角色是什么}？', '~你在这里担任什么？'],
})
const roles = {
  en: [
    'travel guide',
    'cook',
    'teacher',
    'librarian',
    'gardener',
    'shop assistant',
    'doorman',
    'translator',
    'receptionist',
    'poet',
  ],
  zh: ['导游', '厨师', '老师', '图书管理员', '园丁', '店员', '门卫', '翻译', '前台', '诗人'],
}

function role(context: Context): Directed {
  const job = context.random.pick(context.in(roles))
  const rule = context.say(roleRule, { job })
  const answer = context.in({ en: `I am ${withArticle(job)}. How can I help?`, zh: `我是${job}，有什么可以帮你？` })
  const one = context.ask(skill, roleQuestion, {}, answer, [{ kind: 'any', values: [job] }])
  return { system: rule.user, exchanges: [{ ...one, wording: `${rule.wording} / ${one.wording}` }] }
}

/** A system message and exchanges that obey it. */
export function directed(context: Context): Directed {
  const make = context.random.pick([
    oneWord,
    persona,
    persona,
    otherLanguage,
    fixed,
    shop,
    shop,
    topicOnly,
    userFacts,
    role,
  ])
  return make(context)
}
