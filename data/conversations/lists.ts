/** Lists: counting, first, last and n-th item, reversing, membership, days and months in order. */
import type { Context, Exchange, Skill } from './skill.ts'
import { wording } from './wording.ts'
import { animals, cities, colours, foods, months, objects, weekdays } from './words.ts'

const count = wording('list.count', {
  en: [
    'How many {items|things|words} are {there |}{in this list|in the list|here}: $list?',
    '{Count|Please count} {the items|the things|the words}: $list',
    '~{What is the length of this list|Tell me the number of entries}: $list',
  ],
  zh: [
    '{这里|这个列表|下面}有{多少|几}{个词|项|个东西|样东西}：$list',
    '{数一数|请数一下}{有几个|有多少项}：$list',
    '~{这串词的数目是多少|请说出条目的数量}：$list',
  ],
})
const first = wording('list.first', {
  en: [
    "{What is|What's|Which is|Tell me} the first {item|word|thing}{ in this list| in the list|}: $list",
    '{Give me|Name} the first {item|one|word}: $list',
    '~{What stands at the start of|With what begins} this list: $list',
  ],
  zh: [
    '{第一个|第一项|第一个词}{是什么|是哪个}：$list',
    '{说出|告诉我|给我}第一个{|词}：$list',
    '~{排在最前面的是什么|列表以什么开头}：$list',
  ],
})
const last = wording('list.last', {
  en: [
    "{What is|What's|Which is|Tell me} the last {item|word|thing}{ in this list| in the list|}: $list",
    '{Give me|Name} the last {item|one|word}: $list',
    '~{What stands at the end of|With what ends} this list: $list',
  ],
  zh: [
    '{最后一个|最后一项|最后一个词}{是什么|是哪个}：$list',
    '{说出|告诉我|给我}最后一个{|词}：$list',
    '~{排在末尾的是什么|列表以什么结尾}：$list',
  ],
})
const nth = wording('list.nth', {
  en: [
    "{What is|What's|Which is|Tell me} the $nth {item|word|thing}{ in this list| in the list|}: $list",
    '{Give me|Name} the $nth {item|one|word}: $list',
    '~{What stands in the $nth place|Pick out the $nth entry}: $list',
  ],
  zh: [
    '第$nth个{是什么|词是什么|是哪个}：$list',
    '{说出|告诉我|给我}第$nth个{|词}：$list',
    '~{排在第$nth位的是什么|挑出第$nth项}：$list',
  ],
})
const reverse = wording('list.reverse', {
  en: [
    '{Reverse|Turn around} {this list|the list|the order}: $list',
    '{Say|Write|Give} {this|the list|these} {backwards|in reverse order|in reverse}: $list',
    '~{Start from the end|List these from last to first}: $list',
  ],
  zh: [
    '{把这个列表|把下面的列表|把这些词}{倒过来|反过来|倒序排列}：$list',
    '{倒着|反过来}{说|写}：$list',
    '~{从最后一个开始列|由后往前排列}：$list',
  ],
})
const make = wording('list.make', {
  en: [
    '{Write|Make|Show|Give} {this|these|it} as a {list|bullet list|list with dashes}: $list',
    '{Put|Write} each {item|word|thing} on its own line: $list',
    '~{One entry per line please|Turn these into bullet points}: $list',
  ],
  zh: [
    '{把这些|把下面的词}{写成列表|列成清单|做成列表}：$list',
    '{每行写一个|一行一个}：$list',
    '~{请分行列出|变成带短横的条目}：$list',
  ],
})
const member = wording('list.member', {
  en: [
    'Is "$item" in {this|the} list: $list?',
    'Does {this|the} list {have|contain|include} "$item": $list?',
    '~Can you find "$item" {here|among these}: $list?',
  ],
  zh: [
    '“$item”在{这个|}列表里吗：$list',
    '{这个列表|这里面}{有|包含}“$item”吗：$list',
    '~能在其中{找到|看到}“$item”吗：$list',
  ],
})

const ordinals = { en: ['first', 'second', 'third', 'fourth', 'fifth'], zh: ['一', '二', '三', '四', '五'] }

function drawList(context: Context): { items: string[]; text: string } {
  const pool = context.in(context.random.pick([objects, objects, animals, foods, colours, cities]))
  const items = context.drawSome(pool, context.random.int(3, 6))
  return { items, text: items.join(context.in({ en: ', ', zh: '、' })) }
}

function oneOf(context: Context): Exchange {
  const { random } = context
  const { items, text } = drawList(context)
  const others = (item: string) => [
    { kind: 'any' as const, values: [item] },
    { kind: 'none' as const, values: items.filter((one) => !item.includes(one) && !one.includes(item)) },
  ]
  const reply = (item: string) => context.reply({ en: ['$x', 'It is "$x".'], zh: ['$x', '是“$x”。'] }, { x: item })
  const place = random.int(1, Math.min(4, items.length - 1))
  switch (random.int(0, 6)) {
    case 0:
      return context.ask(
        'list',
        count,
        { list: text },
        context.reply({ en: ['$n', 'There are $n.'], zh: ['$n个', '有$n个。'] }, { n: items.length }),
        [{ kind: 'number', value: items.length }],
      )
    case 1:
      return context.ask('list', first, { list: text }, reply(items[0]), others(items[0]))
    case 2:
      return context.ask('list', last, { list: text }, reply(items[items.length - 1]), others(items[items.length - 1]))
    case 3:
      return context.ask(
        'list',
        nth,
        { list: text, nth: context.in(ordinals)[place] },
        reply(items[place]),
        others(items[place]),
      )
    case 4:
      return context.ask('list', make, { list: text }, items.map((item) => `- ${item}`).join('\n'), [
        { kind: 'all', values: items },
        { kind: 'lines', min: items.length, max: items.length },
      ])
    case 5: {
      const short = items.slice(0, 4)
      const back = [...short].reverse()
      const join = context.in({ en: ', ', zh: '、' })
      return context.ask('list', reverse, { list: short.join(join) }, back.join(join), [
        { kind: 'order', values: back },
      ])
    }
    default:
      return membership(context, items, text)
  }
}

function membership(context: Context, items: string[], text: string): Exchange {
  const inside = context.random.chance(0.5)
  let item = context.random.pick(items)
  while (!inside && items.some((one) => one.includes(item) || item.includes(one)))
    item = context.draw(context.in(objects))
  const answer = inside
    ? { en: ['Yes, "$x" is in the list.'], zh: ['是的，列表里有“$x”。'] }
    : { en: ['No, "$x" is not in the list.'], zh: ['不，列表里没有“$x”。'] }
  return context.ask('list', member, { item, list: text }, context.reply(answer, { x: item }), yesNo(context, inside))
}

/** A yes that is not a no, or the reverse. */
export function yesNo(context: Context, yes: boolean): Exchange['expect'] {
  const words = context.in({
    en: { yes: ['yes'], no: ['no', 'not'] },
    zh: { yes: ['是的', '对', '可以', '有“', '是。'], no: ['不', '没有'] },
  })
  return yes
    ? [
        { kind: 'any', values: words.yes },
        { kind: 'none', values: words.no },
      ]
    : [
        { kind: 'any', values: words.no },
        { kind: 'none', values: context.in({ en: ['yes'], zh: ['是的', '对的'] }) },
      ]
}

const dayAfter = wording('order.after', {
  en: [
    '{Which|What} {day|month} {comes|is} after $x?',
    'What comes {right |}after $x?',
    '~{What follows|What do we have once it is no longer} $x?',
  ],
  zh: ['$x{后面|之后|的后一个|过后}是什么？', '$x的下{一个|一}是什么？', '~{紧接着$x的是什么|过了$x就是什么}？'],
})
const dayBefore = wording('order.before', {
  en: [
    '{Which|What} {day|month} {comes|is} before $x?',
    'What comes {right |}before $x?',
    '~{What precedes|What do we have just ahead of} $x?',
  ],
  zh: ['$x{前面|之前|的前一个}是什么？', '$x的上{一个|一}是什么？', '~{排在$x前头的是什么|还没到$x时是什么}？'],
})
const allDays = wording('order.days', {
  en: [
    '{List|Name|Say|Tell me} the days of the week{.| in order.|, please.}',
    'What are the {days of the week|seven days}?',
    '~{Which days make up a week|Recite the weekdays from Monday on}{?|.}',
  ],
  zh: [
    '{列出|说出|告诉我}{一周的七天|一星期的每一天|星期的顺序}。',
    '一{周|星期}有哪{七天|几天}？',
    '~{从星期一开始念一遍|一个礼拜由哪些天组成}{。|？}',
  ],
})
const allMonths = wording('order.months', {
  en: [
    '{List|Name|Say|Tell me} the {twelve |}months{| of the year}{.| in order.|, please.}',
    'What are the {twelve |}months of the year?',
    '~{Which months make up a year|Recite the months from January on}{?|.}',
  ],
  zh: [
    '{列出|说出|告诉我}{一年的十二个月|所有的月份|十二个月}。',
    '一年有哪{十二个月|些月份}？',
    '~{从一月开始念一遍|一年由哪些月份组成}{。|？}',
  ],
})
const howMany = wording('order.count', {
  en: ['How many {days are in a week|days does a week have}?', '~Of how many days does one week consist?'],
  zh: ['一{周|星期}有{几天|多少天}？', '~一个礼拜由多少天组成？'],
})

function calendar(context: Context): Exchange {
  const { random } = context
  const series = random.pick([weekdays, months])[context.language]
  const at = random.int(0, series.length - 1)
  const kind = random.int(0, 9)
  const join = context.in({ en: ', ', zh: '、' })
  if (kind === 0)
    return context.ask('calendar', allDays, {}, context.in(weekdays).join(join), [
      { kind: 'order', values: context.in(weekdays) },
    ])
  if (kind === 1)
    return context.ask('calendar', allMonths, {}, context.in(months).join(join), [
      { kind: 'all', values: context.in(months) },
    ])
  if (kind === 2)
    return context.ask('calendar', howMany, {}, context.in({ en: 'A week has 7 days.', zh: '一周有7天。' }), [
      { kind: 'number', value: 7 },
    ])
  const forward = kind < 7
  const value = series[(at + (forward ? 1 : series.length - 1)) % series.length]
  const answer = context.reply(
    forward
      ? { en: ['$y', '$y comes after $x.'], zh: ['$y', '$x后面是$y。'] }
      : { en: ['$y', '$y comes before $x.'], zh: ['$y', '$x前面是$y。'] },
    { x: series[at], y: value },
  )
  return context.ask('calendar', forward ? dayAfter : dayBefore, { x: series[at] }, answer, [
    { kind: 'any', values: [value] },
  ])
}

export const lists: Skill = { name: 'list', weight: 7, practice: 2.5, make: (context) => [oneOf(context)] }
export const calendars: Skill = { name: 'calendar', weight: 4, make: (context) => [calendar(context)] }
