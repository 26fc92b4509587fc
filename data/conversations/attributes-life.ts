/** What people do, plan and have around them. */
import { type Attribute, attribute } from './attribute.ts'
import { personNames } from './names.ts'
import { hobbies, jobs, months, places, plans, weekdays } from './words.ts'

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

export const life: Attribute[] = [
  attribute(
    'job',
    (c) => ({ job: c.draw(c.in(jobs)) }),
    {
      en: [
        'I {work as|am|have a job as|earn my living as} $anJob.',
        'My {job is|work is|profession is}: $job.',
        '{My work: I am|I am employed as|I make my living as} $anJob.',
        '~{By trade I am|In my working life I am} $anJob.',
      ],
      zh: [
        '我{是一名|是|的工作是|的职业是|当}$job。',
        '{我在公司做|我做的是|我上班当}$job。',
        '~{我以$job为业，是一名|我干的活是}$job。',
      ],
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
        '{After work I like|For fun I like|I really enjoy} $hobby.',
        '{My favourite pastime is|The thing I like to do is} $hobby.',
        '~{I spend my weekends with|What I do for fun is} $hobby.',
      ],
      zh: [
        '我的{爱好是|兴趣是|业余爱好是}$hobby。',
        '我{空闲时喜欢|有空就|平时喜欢}$hobby。',
        '{下班后我喜欢|我最喜欢的活动是|闲着的时候我爱}$hobby。',
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
        '{I need to|I would like to|I intend to|I must} $plan $day.',
        '{There is one thing to do|A plan for me}: $plan $day.',
        '~{I have decided to|I promised to} $plan $day.',
      ],
      zh: [
        '我$day{要|打算|想|准备|得}$plan。',
        '我的计划是$day$plan。',
        '{我需要|我希望}$day$plan。',
        '{有一件事|日程}：我$day$plan。',
        '~{我决定$day|我答应了$day}$plan。',
      ],
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
        '{I am now|I have just become} $age{ years old|}.',
        '$age years old, that is {me|my age}.',
        '~{I have lived for $age years|I was born $age years ago}.',
      ],
      zh: [
        '我{今年|现在|已经}$age岁{。|了。}',
        '我的年龄是$age。',
        '{今年我|我刚满|我}$age岁。',
        '~{我活了$age年，也就是$age岁|我刚过$age岁生日}。',
      ],
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
        '{My birth month is|My birthday comes in|I have my birthday in|I turn one year older in} $birthday.',
        '~{I celebrate my birthday in|The month of my birth is} $birthday.',
      ],
      zh: [
        '我的生日在$birthday。',
        '我{是$birthday出生的|$birthday过生日}。',
        '{我生在|我出生在|我的生日是在}$birthday。',
        '{我要在|我总在}$birthday过生日。',
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
        '{This is about my $relation, called|The person is my $relation, named|I visited my $relation} $relative.',
        '$relative is {my $relation|the name of my $relation}.',
        '~{We call my $relation|The name of my $relation is} $relative.',
      ],
      zh: [
        '我{的|}$relation{叫|名字叫|的名字是}$relative。',
        '$relative是我{的|}$relation{|的名字}。',
        '{我见了|我去看了}我$relation$relative。',
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
        '{We have a meeting|There is a meeting} on $meeting{,| and it is} at $place.',
        '~{They expect me at $place on|I must be at $place on} $meeting for the meeting.',
      ],
      zh: [
        '{我的会议|会议|我的考试|我的面试}在$meeting，地点是$place。',
        '我$meeting在$place有{会议|考试|面试}。',
        '{我们|公司}$meeting在$place{开会|有个会}。',
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
