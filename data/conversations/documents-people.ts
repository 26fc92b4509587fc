/** Meetings, contacts and little events. */
import { document, field } from './document-kind.ts'
import { englishNames, personNames } from './names.ts'
import type { Context } from './skill.ts'
import { cities, colours, jobs, months, objects, places, weekdays } from './words.ts'

const person = (context: Context) => context.draw(context.in(personNames))
const hour = (context: Context) =>
  context.in({
    en: `${context.random.int(8, 20)}:${context.random.pick(['00', '15', '30', '45'])}`,
    zh: `${context.random.int(8, 20)}点${context.random.pick(['', '半', '一刻'])}`,
  })
const phoneNumber = (context: Context) =>
  context.in({
    en: `555-${context.random.int(1000, 9999)}`,
    zh: `${context.random.pick(['010', '021', '0755', '0571'])}-${context.random.int(100, 999)}${context.random.int(1000, 9999)}`,
  })
const mail = (context: Context) =>
  `${context.random.pick(englishNames).toLowerCase()}${context.random.chance(0.3) ? context.random.int(1, 99) : ''}@example.${context.random.pick(['com', 'org', 'net'])}`

export const meeting = document(
  'meeting',
  (c) => ({
    topic: c.random.pick(
      c.in({
        en: [
          'the budget',
          'the new website',
          'the summer party',
          'the school trip',
          'sales',
          'safety',
          'the garden',
          'the concert',
          'the new office',
          'training',
        ],
        zh: ['预算', '新网站', '夏季聚会', '学校旅行', '销售', '安全', '花园', '音乐会', '新办公室', '培训'],
      }),
    ),
    day: c.random.pick(c.in(weekdays)),
    time: hour(c),
    place: c.draw(c.in(places)),
    host: person(c),
    count: c.random.int(3, 60),
  }),
  {
    en: [
      'The meeting about $topic is on $day at $time at $place. $host leads it. $count people will come.',
      '$host invites $count people to a meeting about $topic. It is at $place on $day at $time.',
      'Please note: on $day at $time we meet at $place to talk about $topic. The host is $host and $count guests are expected.',
      'Meeting: $topic. Day: $day. Time: $time. Place: $place. Host: $host. Guests: $count.',
      'We will meet on $day to talk about $topic. Come to $place at $time. $host will speak to $count people.',
      '$count people meet at $place on $day. $host opens the meeting at $time. The topic is $topic.',
      '~We talk about $topic with $host this $day, $time sharp, at $place. There are seats for $count people.',
    ],
    zh: [
      '关于$topic的会议在$day$time举行，地点是$place，由$host主持，有$count人参加。',
      '$host邀请$count人参加关于$topic的会议，时间是$day$time，地点在$place。',
      '请注意：我们$day$time在$place讨论$topic，主持人是$host，预计有$count位客人。',
      '会议：$topic。日期：$day。时间：$time。地点：$place。主持：$host。人数：$count。',
      '我们$day见面讨论$topic，请$time到$place，$host会给$count个人讲话。',
      '$count人$day在$place开会，$host$time宣布开始，主题是$topic。',
      '~这个$day$time，$host和我们在$place谈$topic，有$count个座位。',
    ],
  },
  [
    field(
      'day',
      'day',
      {
        en: [
          '{When|On which day|What day} is the meeting?',
          '{What|Which} day do they meet?',
          '~For which weekday is it planned?',
        ],
        zh: ['会议{在哪天|在星期几|是哪一天|是什么时候}？', '~哪天开会？'],
      },
      { en: ['The meeting is on $day.', 'On $day.'], zh: ['会议在$day。', '$day。'] },
    ),
    field(
      'time',
      'time',
      {
        en: [
          '{At what time|What time} {does it start|is the meeting|does the meeting start}?',
          '~How late does it begin?',
        ],
        zh: ['会议{几点开始|在几点|几点}？', '~开始的钟点是几点？'],
      },
      { en: ['At $time.', 'It starts at $time.'], zh: ['$time。', '会议$time开始。'] },
    ),
    field(
      'place',
      'place',
      {
        en: ['Where is the meeting?', 'Where do {they|we} meet?', '~At which place does the meeting happen?'],
        zh: ['会议{在哪里|在哪儿|的地点是哪里|地点在哪}？', '~开会的地方是哪里？'],
      },
      { en: ['The meeting is at $place.', 'At $place.'], zh: ['会议在$place。', '地点是$place。'] },
    ),
    field(
      'host',
      'host',
      {
        en: ['Who {leads|hosts|is the host of} the meeting?', '~Which person is in charge of the meeting?'],
        zh: ['{谁主持会议|主持人是谁|会议由谁主持}？', '~会议由哪位负责？'],
      },
      { en: ['The host is $host.', '$host'], zh: ['主持人是$host。', '$host'] },
    ),
    field(
      'count',
      'people',
      {
        en: ['How many {people|guests} {come|will come|are there|are expected}?', '~What number of people takes part?'],
        zh: ['{有多少人参加|多少人参加|来多少人|有几个人参加}？', '~参加的人数是多少？'],
      },
      { en: ['$count people.', '$count'], zh: ['$count人。', '有$count人参加。'] },
    ),
    field(
      'topic',
      'topic',
      {
        en: [
          'What is {the meeting about|the topic|the topic of the meeting}?',
          'What {do they|will they} talk about?',
          '~What matter is discussed there?',
        ],
        zh: ['会议{是关于什么的|的主题是什么|讨论什么}？', '~他们谈的是什么事？'],
      },
      { en: ['It is about $topic.', 'The topic is $topic.'], zh: ['会议关于$topic。', '主题是$topic。'] },
    ),
  ],
  { en: 'There is a meeting about $topic on $day.', zh: '$day有关于$topic的会议。' },
  ['topic', 'day'],
)

export const contact = document(
  'contact',
  (c) => ({
    name: person(c),
    job: c.draw(c.in(jobs)),
    city: c.draw(c.in(cities)),
    phone: phoneNumber(c),
    email: mail(c),
    age: c.random.int(18, 80),
  }),
  {
    en: [
      '$name is $anJob in $city. The phone number is $phone and the email is $email. $name is $age years old.',
      'Name: $name. Job: $job. City: $city. Age: $age. Phone: $phone. Email: $email.',
      'You can call $name, $anJob from $city, at $phone or write to $email. $name is $age.',
      '$name lives in $city and works as $anJob. Age: $age. Write to $email or call $phone.',
      'Our new colleague is $name, $age years old, $anJob from $city. Email: $email, phone: $phone.',
      'Contact: $name, $job, $city, $age years, phone $phone, email $email.',
      '~Meet $name ($age), who works as $anJob in $city; reach them by phone ($phone) or mail ($email).',
    ],
    zh: [
      '$name是$city的一名$job，今年$age岁，电话是$phone，邮箱是$email。',
      '姓名：$name。职业：$job。城市：$city。年龄：$age。电话：$phone。邮箱：$email。',
      '您可以打电话$phone找$name，也可以写信到$email。$name是$city的$job，$age岁。',
      '$name住在$city，是一名$job，年龄$age岁，请写信到$email或打电话$phone。',
      '我们的新同事是$name，$age岁，来自$city的$job，邮箱：$email，电话：$phone。',
      '联系人：$name，$job，$city，$age岁，电话$phone，邮箱$email。',
      '~认识一下$name（$age岁），在$city做$job，电话$phone，邮箱$email。',
    ],
  },
  [
    field(
      'phone',
      'phone',
      {
        en: [
          "{What is|What's} the {phone number|telephone number|phone}?",
          '{Find|Give me|Tell me} the phone number.',
          '~Which number must I call?',
        ],
        zh: ['{电话是多少|电话号码是多少|电话号码是什么}？', '{找出|告诉我|给我}电话号码。', '~该拨哪个号码？'],
      },
      { en: ['The phone number is $phone.', '$phone'], zh: ['电话是$phone。', '$phone'] },
    ),
    field(
      'email',
      'email',
      {
        en: [
          "{What is|What's} the {email|email address|mail address}?",
          '{Find|Give me|Tell me} the email address.',
          '~To what address do I write?',
        ],
        zh: ['{邮箱是什么|邮箱地址是什么|电子邮箱是什么}？', '{找出|告诉我|给我}邮箱。', '~信该写到哪个地址？'],
      },
      { en: ['The email is $email', '$email'], zh: ['邮箱是$email', '$email'] },
    ),
    field(
      'job',
      'job',
      {
        en: [
          "{What is|What's} the {job|profession} of $name?",
          'What {does $name do|is the job}?',
          '~How does $name earn money?',
        ],
        zh: ['$name{是做什么的|的职业是什么|的工作是什么}？', '{职业是什么|做什么工作}？', '~$name靠什么谋生？'],
      },
      { en: ['$name is $anJob.'], zh: ['$name是$job。'] },
    ),
    field(
      'name',
      'name',
      {
        en: [
          'Who is {this|it|it about}?',
          "{What is|What's} the name{| of the person}?",
          '~Which person is described?',
        ],
        zh: ['{这是谁|名字是什么|姓名是什么|叫什么名字}？', '~写的是哪个人？'],
      },
      { en: ['The name is $name.', '$name'], zh: ['名字是$name。', '$name'] },
      true,
    ),
    field(
      'age',
      'age',
      {
        en: [
          'How old is {$name|the person}?',
          "{What is|What's} the age{| of $name}?",
          '~How many years does $name count?',
        ],
        zh: ['$name{多大|几岁|今年多大}？', '年龄是多少？', '~$name有多少岁数？'],
      },
      { en: ['$name is $age years old.', '$age'], zh: ['$name$age岁。', '$age岁。'] },
    ),
    field(
      'city',
      'city',
      {
        en: [
          'Where does {$name|the person} {live|work}?',
          '{Which|What} city is {it|$name in}?',
          '~In which place can $name be found?',
        ],
        zh: ['$name{在哪个城市|在哪里|住在哪里}？', '是哪个城市？', '~在什么地方能找到$name？'],
      },
      { en: ['$name is in $city.', '$city'], zh: ['$name在$city。', '$city'] },
      true,
    ),
  ],
  { en: '$name is $anJob in $city.', zh: '$name是$city的$job。' },
  ['name', 'job'],
)

export const scene = document(
  'story',
  (c) => ({
    name: person(c),
    thing: c.draw(c.in(objects)),
    colour: c.draw(c.in(colours)),
    place: c.draw(c.in(places)),
    month: c.random.pick(c.in(months)),
    friend: c.random.pick(
      c.in({ en: englishNames, zh: ['老李', '小王', '小张', '老陈', '阿明', '小丽', '大刘', '小周'] }),
    ),
  }),
  {
    en: [
      'In $month, $name lost the $colour $thing at $place. A friend, $friend, found it and brought it back.',
      '$name went to $place in $month and forgot the $colour $thing there. The next day $friend found it.',
      'It was $month. $name bought the $thing at $place. It was $colour. $name gave it to $friend.',
      '$name and $friend were at $place in $month. There they saw the $colour $thing.',
      'The $thing of $name is $colour. $friend painted it at $place in $month.',
      'Last $month $name came to $place with $friend. They looked for the $thing. It was $colour and very nice.',
      '~At $place, one day in $month, $name showed the $colour $thing to $friend.',
    ],
    zh: [
      '$month，$name在$place丢了$colour的$thing，朋友$friend找到后还了回来。',
      '$name$month去了$place，把$colour的$thing忘在那里，第二天$friend找到了它。',
      '那是$month，$name在$place买了$thing，它是$colour的，后来送给了$friend。',
      '$month，$name和$friend在$place看到了$colour的$thing。',
      '$name的$thing是$colour的，$friend$month在$place给它上了色。',
      '去年$month，$name和$friend来到$place找$thing，它是$colour的，很漂亮。',
      '~$month的一天，$name在$place给$friend看了$colour的$thing。',
    ],
  },
  [
    field(
      'thing',
      'thing',
      {
        en: [
          'What thing is {the story|the text|this} about?',
          '{What|Which} thing {is named|is it}?',
          '~What object does the text mention?',
        ],
        zh: ['{文中的东西是什么|说的是什么东西|是什么东西}？', '~文字提到了什么物品？'],
      },
      { en: ['It is the $thing.', 'The $thing.'], zh: ['是$thing。', '$thing。'] },
    ),
    field(
      'colour',
      'colour',
      {
        en: [
          'What {colour|color} {is|was} {it|the $thing}?',
          '{Which|What} colour does it have?',
          '~In what colour is the $thing?',
        ],
        zh: ['{它|$thing}是什么颜色{的|}？', '~$thing有着哪种颜色？'],
      },
      { en: ['It is $colour.', 'The $thing is $colour.'], zh: ['是$colour。', '$thing是$colour的。'] },
    ),
    field(
      'place',
      'place',
      {
        en: [
          'Where {was $name|did it happen|did this happen}?',
          '{What|Which} place is it?',
          '~In what location was $name?',
        ],
        zh: ['{在哪里|这件事发生在哪里|$name在哪里}？', '~$name到过什么地点？'],
      },
      { en: ['At $place.', 'It happened at $place.'], zh: ['在$place。', '发生在$place。'] },
      true,
    ),
    field(
      'month',
      'month',
      {
        en: ['{When|In which month} {was it|did it happen|did this happen}?', '~What month does the text name?'],
        zh: ['{这是几月|发生在几月|是什么时候的事}？', '~文中写的是哪个月份？'],
      },
      { en: ['In $month.', 'It was in $month.'], zh: ['$month。', '在$month。'] },
    ),
    field(
      'friend',
      'friend',
      {
        en: [
          'Who is the {friend|other person}?',
          "{What is|What's} the name of the {friend|other person}?",
          '~Besides $name, who is in the text?',
        ],
        zh: ['{朋友是谁|另一个人是谁|朋友叫什么}？', '~除了$name，文中还有谁？'],
      },
      { en: ['It is $friend.', '$friend'], zh: ['是$friend。', '$friend'] },
    ),
  ],
  { en: 'It is about $name and the $thing.', zh: '讲的是$name和$thing的事。' },
  ['name', 'thing'],
)
