/** The kinds of facts people tell: how they are told, asked for and repeated. */
import { personNames, petNames } from './names.ts'
import type { Context, Slots } from './skill.ts'
import { type Bilingual, type Wording, wording } from './wording.ts'
import { animals, cities, colours, foods, hobbies, jobs, months, pets, places, plans, weekdays } from './words.ts'

export interface Attribute {
  /** The slot that holds the value to be recalled. */
  key: string
  /** About the person who speaks. */
  personal: boolean
  /** People change it within a conversation. */
  changes: boolean
  slots(context: Context): Slots
  tell: Wording
  ask: Wording
  /** The fact addressed to the person, without a capital and a full stop. */
  echo: Bilingual<string[]>
}

type Texts = Bilingual<string[]>

function attribute(
  key: string,
  slots: (context: Context) => Slots,
  tell: Texts,
  ask: Texts,
  echo: Texts,
  options: Partial<Attribute> = {},
): Attribute {
  return {
    key,
    personal: true,
    changes: true,
    slots,
    tell: wording(`memory.tell.${key}`, tell, { opens: false }),
    ask: wording(`memory.ask.${key}`, ask),
    echo,
    ...options,
  }
}

const relations = {
  en: [
    'brother',
    'sister',
    'mother',
    'father',
    'son',
    'daughter',
    'friend',
    'teacher',
    'boss',
    'neighbour',
    'cousin',
    'wife',
    'husband',
    'uncle',
    'aunt',
    'doctor',
  ],
  zh: [
    '哥哥',
    '姐姐',
    '弟弟',
    '妹妹',
    '妈妈',
    '爸爸',
    '儿子',
    '女儿',
    '朋友',
    '老师',
    '老板',
    '邻居',
    '表哥',
    '同桌',
    '同事',
    '医生',
  ],
}

export const attributes: Attribute[] = [
  attribute(
    'name',
    (c) => ({ name: c.draw(c.in(personNames)) }),
    {
      en: [
        "{My name is|I am|I'm|Call me|You can call me|They call me} $name.",
        "{Hi|Hello|Hey}, {my name is|I am|I'm} $name.",
        '{People call me|My friends call me|The name is|I am called} $name.',
        '~{I go by|Everybody calls me|My given name is} $name.',
        "~{This is $name speaking|$name is my name|It's me, $name}.",
      ],
      zh: [
        '我{叫|是|的名字是|的名字叫}$name。',
        '{你好|您好|嗨}，我{叫|是}$name。',
        '{你可以叫我|叫我|大家都叫我|请叫我}$name{。|吧。}',
        '~{我名叫|人们叫我|我的大名是}$name。',
        '~$name{就是我|是我的名字}。',
      ],
    },
    {
      en: [
        "{What is|What's} my name?",
        '{Do you remember|Do you know|Can you tell me|Tell me|Please tell me} {my name|what my name is|who I am|what I am called}?',
        '{Who am I|What am I called|What did I say my name was|And my name}?',
        '~{What name did I give you|By what name do you know me|Say my name}{?|, please.}',
        '~{Have you forgotten my name|Which name is mine|Can you still recall my name}?',
      ],
      zh: [
        '我{叫什么名字|叫什么|是谁|的名字是什么}？',
        '{你还记得|你记得|你知道|告诉我|请告诉我}{我叫什么|我的名字|我是谁}{？|吗？}',
        '{我说过我叫什么|我刚才说我叫什么|我的名字呢}？',
        '~{我给你的名字是什么|说出我的名字|你忘了我的名字吗}？',
        '~{我姓甚名谁|该怎么称呼我|你还能想起我叫什么吗}？',
      ],
    },
    { en: ['your name is $name'], zh: ['你叫$name', '你的名字是$name'] },
  ),
  attribute(
    'city',
    (c) => ({ city: c.draw(c.in(cities)) }),
    {
      en: [
        'I {live in|am from|come from|am living in} $city.',
        '{My home is in|My city is|I moved to|My home town is} $city.',
        '~{I have my home in|I reside in|You find me in} $city.',
      ],
      zh: [
        '我{住在|来自|家在|生活在|现在住在}$city。',
        '{我的家在|我的家乡是|我老家是|我搬到了}$city。',
        '~{我定居在|我的住处在|我是在$city长大的，住在}$city。',
      ],
    },
    {
      en: [
        'Where do I {live|come from}?',
        '{Which|What} city {do I live in|am I from|is my home}?',
        '{Do you remember|Do you know|Can you tell me|Tell me} {where I live|where I am from|my city}?',
        '~{In which place is my home|What did I say about where I live|Name the city I live in}{?|.}',
      ],
      zh: [
        '我{住在哪里|住在哪|来自哪里|家在哪里|在哪个城市}？',
        '{你还记得|你记得|你知道|告诉我}{我住在哪里|我住哪|我来自哪里|我的城市}{？|吗？}',
        '~{我的家安在哪座城市|我说过我住什么地方|说出我住的城市}{？|。}',
      ],
    },
    { en: ['you live in $city'], zh: ['你住在$city'] },
  ),
  attribute(
    'colour',
    (c) => ({ colour: c.draw(c.in(colours)) }),
    {
      en: [
        'My favourite colour is $colour.',
        'My favorite color is $colour.',
        '{I like|I love|The colour I like most is|The color I love is} $colour{.|, it is my favourite colour.}',
        '~{Of all colours I prefer|No colour is nicer to me than} $colour.',
      ],
      zh: [
        '我{最喜欢的颜色是|喜欢的颜色是|最爱的颜色是|最喜欢}$colour。',
        '{我最爱|我喜欢}$colour{。|，这是我最喜欢的颜色。}',
        '~{所有颜色里我偏爱|论颜色，我最中意}$colour。',
      ],
    },
    {
      en: [
        "{What is|What's} my {favourite|favorite} {colour|color}?",
        '{Which|What} {colour|color} do I {like|love|like most}?',
        '{Do you remember|Do you know|Tell me} my favourite {colour|color}?',
        '~{What colour did I tell you I prefer|Name the colour I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢什么颜色|喜欢什么颜色|最爱的颜色是什么|最喜欢的颜色是什么}？',
        '{你还记得|你记得|告诉我|你知道}我{最喜欢的颜色|喜欢什么颜色}{？|吗？}',
        '~{我偏爱哪种颜色|说出我最中意的颜色}{？|。}',
      ],
    },
    { en: ['your favourite colour is $colour'], zh: ['你最喜欢的颜色是$colour'] },
  ),
  attribute(
    'food',
    (c) => ({ food: c.draw(c.in(foods)) }),
    {
      en: [
        'My {favourite|favorite} food is $food.',
        '{I like to eat|I love to eat|I love eating|I like eating|The food I like most is} $food.',
        '~{I could eat $food every day|Nothing tastes better to me than $food|Of all dishes I prefer $food}.',
      ],
      zh: [
        '我{最喜欢的食物是|最爱吃|喜欢吃|最喜欢吃|爱吃}$food。',
        '~{我每天都想吃|说到吃的，我最爱|什么都比不上}$food。',
      ],
    },
    {
      en: [
        "{What is|What's} my {favourite|favorite} food?",
        'What {do I like to eat|food do I like|do I love to eat|food do I love}?',
        '{Do you remember|Do you know|Tell me} {my favourite food|what I like to eat}?',
        '~{What dish did I say I love|Name the food I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢吃什么|喜欢吃什么|爱吃什么|最爱吃什么|最喜欢的食物是什么}？',
        '{你还记得|你记得|告诉我|你知道}我{爱吃什么|最喜欢的食物|喜欢吃什么}{？|吗？}',
        '~{说出我最爱的食物|我说过我爱吃啥}{？|。}',
      ],
    },
    { en: ['your favourite food is $food'], zh: ['你最喜欢吃$food'] },
  ),
  attribute(
    'animal',
    (c) => ({ animal: c.draw(c.in(animals)) }),
    {
      en: [
        'My {favourite|favorite} {animals are|animal group is} $animal.',
        'I {love|really like|adore} $animal, {they are my favourite animals|more than all other animals}.',
        'The animals I like most are $animal.',
        '~{Of all animals I prefer|No animals are dearer to me than} $animal.',
      ],
      zh: [
        '我{最喜欢的动物是|喜欢的动物是|最爱的动物是}$animal。',
        '{动物里我最喜欢|所有动物中我最爱}$animal。',
        '~{论动物，我最中意|动物当中我偏爱}$animal。',
      ],
    },
    {
      en: [
        '{What|Which} animals do I {like|love|like most}?',
        "{What are|Which are|What're} my {favourite|favorite} animals?",
        '{Do you remember|Tell me|Do you know} my favourite animals?',
        '~{Which animals did I say I prefer|Name the animals I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢什么动物|喜欢什么动物|最爱的动物是什么|最喜欢的动物是什么}？',
        '{你还记得|告诉我|你知道}我最喜欢的动物{？|吗？}',
        '~{我偏爱哪种动物|说出我最中意的动物}{？|。}',
      ],
    },
    { en: ['your favourite animals are $animal'], zh: ['你最喜欢的动物是$animal'] },
  ),
  attribute(
    'pet',
    (c) => ({ kind: c.draw(c.in(pets)), pet: c.draw(c.in(petNames)) }),
    {
      en: [
        'I have a $kind {called|named|whose name is} $pet.',
        'My $kind is {called|named} $pet.',
        "My {$kind's name|pet $kind's name} is $pet.",
        '~{At home there is a $kind that we call|We named our $kind} $pet.',
      ],
      zh: [
        '我{有一只|养了一只|家有一只}$kind，{叫|名字叫|它叫}$pet。',
        '我的$kind{叫|名字叫|的名字是}$pet。',
        '~{我给我的$kind取名|家里的$kind我们都叫它}$pet。',
      ],
    },
    {
      en: [
        "{What is|What's} {my $kind|my $kind's name|the name of my $kind|my pet's name|the name of my pet} {called?|again?|, please?}",
        "{Do you remember|Tell me|Do you know} {the name of my $kind|my pet's name|what my $kind is called}?",
        '~{What do I call my $kind|How did I name my pet}?',
      ],
      zh: [
        '我的{$kind|宠物}{叫什么|叫什么名字|的名字是什么}？',
        '{你还记得|告诉我|你知道}我的{$kind|宠物}{叫什么|的名字}{？|吗？}',
        '~{我给$kind取了什么名字|我家宠物的大名是什么}？',
      ],
    },
    { en: ['your $kind is called $pet'], zh: ['你的$kind叫$pet'] },
  ),
  attribute(
    'job',
    (c) => ({ job: c.draw(c.in(jobs)) }),
    {
      en: [
        'I {work as|am|have a job as|earn my living as} $anJob.',
        'My {job is|work is|profession is}: $job.',
        '~{By trade I am|In my working life I am} $anJob.',
      ],
      zh: ['我{是一名|是|的工作是|的职业是|当}$job。', '~{我以$job为业，是一名|我干的活是}$job。'],
    },
    {
      en: [
        "{What is|What's} my {job|work|profession}?",
        'What do I {do for a living|work as|do}?',
        '{Do you remember|Tell me|Do you know} {my job|what I do for a living|what I work as}?',
        '~{How do I earn my money|Name the work I do}{?|.}',
      ],
      zh: [
        '我{是做什么的|的工作是什么|的职业是什么|做什么工作}？',
        '{你还记得|告诉我|你知道}我{的工作|的职业|是做什么的}{？|吗？}',
        '~{我靠什么谋生|说出我的职业|我干哪一行}？',
      ],
    },
    { en: ['you work as $anJob'], zh: ['你的工作是$job', '你是$job'] },
  ),
  attribute(
    'hobby',
    (c) => ({ hobby: c.draw(c.in(hobbies)) }),
    {
      en: [
        'My {hobby is|favourite hobby is|hobby has always been} $hobby.',
        'In my free time I {enjoy|like|love} $hobby.',
        '~{I spend my weekends with|What I do for fun is} $hobby.',
      ],
      zh: [
        '我的{爱好是|兴趣是|业余爱好是}$hobby。',
        '我{空闲时喜欢|有空就|平时喜欢}$hobby。',
        '~{我周末总是|我的消遣是}$hobby。',
      ],
    },
    {
      en: [
        "{What is|What's} my hobby?",
        'What do I {like|enjoy|love} doing in my free time?',
        '{Do you remember|Tell me|Do you know} {my hobby|what my hobby is}?',
        '~{What do I do for fun|Name my hobby}{?|.}',
      ],
      zh: [
        '我的{爱好是什么|兴趣是什么|爱好呢}？',
        '我{空闲时喜欢做什么|平时喜欢做什么|有什么爱好}？',
        '{你还记得|告诉我|你知道}我的爱好{？|吗？}',
        '~{我的消遣是什么|我闲下来喜欢干啥}？',
      ],
    },
    { en: ['your hobby is $hobby'], zh: ['你的爱好是$hobby'] },
  ),
  attribute(
    'number',
    (c) => ({ number: c.random.int(2, 999) }),
    {
      en: [
        'My {lucky|favourite|secret} number is $number.',
        '{The number is|My number is|The code is|The secret number is} $number.',
        '~{Here is a number for you|Take this number}: $number.',
      ],
      zh: [
        '我的{幸运数字|号码|秘密数字}是$number。',
        '{这个数字是|号码是|密码是|秘密数字是}$number。',
        '~{给你一个数字|这里有个号码}：$number。',
      ],
    },
    {
      en: [
        '{What is|What was} {my number|the number|my lucky number|the code|my secret number}?',
        '{Which|What} number did I {tell|give} you?',
        '{Do you remember|Tell me|Repeat|Say} {the number|my number}{?|.}',
        '~{Give the number back to me|What number did I mention}{?|.}',
      ],
      zh: [
        '{我的数字|我的号码|那个数字|我的幸运数字|密码}是{多少|什么|几}？',
        '我{告诉你的数字|给你的数字|说的数字}是{多少|什么}？',
        '{你还记得|告诉我|重复|说出}{那个数字|我的号码}{？|。}',
        '~{把那个号码还给我|我提到的是哪个数}{？|。}',
      ],
    },
    { en: ['the number is $number'], zh: ['数字是$number'] },
  ),
  attribute(
    'plan',
    (c) => ({
      plan: c.draw(c.in(plans)),
      day: c.random.pick(
        c.in({
          en: ['tomorrow', 'tonight', 'on Sunday', 'next week', 'this afternoon', 'on Friday'],
          zh: ['明天', '今晚', '星期天', '下周', '今天下午', '星期五'],
        }),
      ),
    }),
    {
      en: [
        '{I will|I want to|I plan to|I am going to|I have to} $plan $day.',
        'My plan is to $plan $day.',
        '~{I have decided to|I promised to} $plan $day.',
      ],
      zh: ['我$day{要|打算|想|准备|得}$plan。', '我的计划是$day$plan。', '~{我决定$day|我答应了$day}$plan。'],
    },
    {
      en: [
        'What {will I do|do I want to do|is my plan|am I going to do|do I plan to do} $day?',
        '{What is my plan|What are my plans|What do I plan to do}?',
        '{Do you remember|Tell me|Do you know} {my plan|what I want to do|my plans}?',
        '~{What did I say I intend to do|Remind me of my plan}{?|.}',
      ],
      zh: [
        '我$day{要做什么|打算做什么|想做什么|准备做什么}？',
        '{我的计划是什么|我有什么计划|我打算做什么}？',
        '{你还记得|告诉我|你知道}我{的计划|要做什么|打算做什么}{？|吗？}',
        '~{我说过我想干什么|提醒我一下我的计划}{？|。}',
      ],
    },
    { en: ['your plan is to $plan $day'], zh: ['你$day要$plan'] },
  ),
  attribute(
    'age',
    (c) => ({ age: c.random.int(6, 90) }),
    {
      en: [
        "{I am|I'm} $age years old.",
        '{My age is|I turned|I just turned} $age.',
        '~{I have lived for $age years|I was born $age years ago}.',
      ],
      zh: ['我{今年|现在|已经}$age岁{。|了。}', '我的年龄是$age。', '~{我活了$age年，也就是$age岁|我刚过$age岁生日}。'],
    },
    {
      en: [
        'How old am I?',
        "{What is|What's} my age?",
        '{Do you remember|Tell me|Do you know} {my age|how old I am}?',
        '~{How many years old did I say I am|Can you say how old I am now}?',
      ],
      zh: [
        '我{多大|几岁|今年多大|今年几岁|多大了}？',
        '我的年龄是{多少|什么}？',
        '{你还记得|告诉我|你知道}我{多大|几岁|的年龄}{？|吗？}',
        '~{我说过我有多少岁|我的岁数是多少}？',
      ],
    },
    { en: ['you are $age years old'], zh: ['你$age岁'] },
  ),
  attribute(
    'birthday',
    (c) => ({ birthday: c.random.pick(c.in(months)) }),
    {
      en: [
        'My birthday is in $birthday.',
        'I was born in $birthday.',
        '~{I celebrate my birthday in|The month of my birth is} $birthday.',
      ],
      zh: [
        '我的生日在$birthday。',
        '我{是$birthday出生的|$birthday过生日}。',
        '~{我的出生月份是$birthday|我每年$birthday庆祝生日}。',
      ],
    },
    {
      en: [
        'When is my birthday?',
        '{In which|Which|In what} month {is my birthday|was I born}?',
        '{Do you remember|Tell me|Do you know} when {my birthday is|I was born}?',
        '~{What month do I celebrate my birthday in|Name the month of my birthday}{?|.}',
      ],
      zh: [
        '我的生日{是什么时候|在几月|是几月}？',
        '我{几月出生|几月过生日|什么时候过生日}？',
        '{你还记得|告诉我|你知道}我的生日{？|吗？}',
        '~{我在哪个月庆祝生日|说出我的出生月份}{？|。}',
      ],
    },
    { en: ['your birthday is in $birthday'], zh: ['你的生日在$birthday'] },
    { changes: false },
  ),
  attribute(
    'relative',
    (c) => ({ relation: c.random.pick(c.in(relations)), relative: c.draw(c.in(personNames)) }),
    {
      en: [
        "My $relation's name is $relative.",
        '{My $relation is called|I have a $relation called|My $relation is} $relative.',
        '~{We call my $relation|The name of my $relation is} $relative.',
      ],
      zh: [
        '我{的|}$relation{叫|名字叫|的名字是}$relative。',
        '~{我们管我$relation叫|我有个$relation，名字是}$relative。',
      ],
    },
    {
      en: [
        "{What is|What's} {my $relation's name|the name of my $relation|my $relation called}?",
        'Who is my $relation?',
        "{Do you remember|Tell me|Do you know} {my $relation's name|who my $relation is}?",
        '~{How is my $relation called|What do people call my $relation}?',
      ],
      zh: [
        '我{的|}$relation{叫什么|叫什么名字|是谁|的名字是什么}？',
        '{你还记得|告诉我|你知道}我$relation{叫什么|的名字|是谁}{？|吗？}',
        '~{我说过我$relation的名字是啥|该怎么称呼我$relation}？',
      ],
    },
    { en: ["your $relation's name is $relative"], zh: ['你$relation叫$relative'] },
    { personal: false },
  ),
  attribute(
    'meeting',
    (c) => ({ meeting: c.random.pick(c.in(weekdays)), place: c.draw(c.in(places)) }),
    {
      en: [
        '{My meeting|The meeting|My exam|My interview} is on $meeting at $place.',
        'I have {a meeting|an exam|an interview} on $meeting at $place.',
        '~{They expect me at $place on|I must be at $place on} $meeting for the meeting.',
      ],
      zh: [
        '{我的会议|会议|我的考试|我的面试}在$meeting，地点是$place。',
        '我$meeting在$place有{会议|考试|面试}。',
        '~{我$meeting得去$place开会|他们让我$meeting去$place开会}。',
      ],
    },
    {
      en: [
        '{When is|On which day is|What day is} {the meeting|my meeting|it, the meeting}?',
        '{Do you remember|Tell me|Do you know} {when the meeting is|the day of my meeting}?',
        '~{Which day do I have to be there|On what day must I go to the meeting}?',
      ],
      zh: [
        '{会议|我的会议|会}{在星期几|是哪天|是什么时候|在哪一天}？',
        '{你还记得|告诉我|你知道}{会议是哪天|会议的日子}{？|吗？}',
        '~{我哪一天得去开会|要开会的是星期几}？',
      ],
    },
    { en: ['it is on $meeting at $place'], zh: ['在$meeting，地点是$place'] },
    { personal: false, changes: false },
  ),
]
