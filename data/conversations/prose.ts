/** Topics of plain text: each writes one document of a few lines. */
import { chineseNumber, compute, englishNumber, heldOutSum, type Operation, plural } from './arithmetic.ts'
import { skills } from './compose.ts'
import { drawDocument } from './documents.ts'
import { personNames, petNames } from './names.ts'
import type { Context } from './skill.ts'
import { capitals, categories, opposites, phrasePairs, simpleFacts, wordPairs } from './vocabulary.ts'
import { fill } from './wording.ts'
import {
  animals,
  cities,
  colours,
  foods,
  hobbies,
  jobs,
  months,
  objects,
  pets,
  places,
  plans,
  weekdays,
} from './words.ts'

export interface ProseTopic {
  name: string
  write(context: Context): string
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

function join(context: Context, sentences: string[]): string {
  return sentences.join(context.in({ en: ' ', zh: '' }))
}

/** A table for one operand, without the sums that are held out. */
function sums(context: Context): string {
  const { random } = context
  const operation = random.pick<Operation>(['+', '-', '×'])
  const a = operation === '×' ? random.int(1, 10) : random.int(0, 90)
  const lines: string[] = []
  for (let i = 0; i < 10; i++) {
    const b = operation === '×' ? i + 1 : random.int(0, operation === '+' ? 100 - a : a)
    if (!heldOutSum(a, b, operation)) lines.push(`${a} ${operation} ${b} = ${compute(a, b, operation)}`)
  }
  return lines.join('\n')
}

function numbers(context: Context): string {
  const { random } = context
  const from = random.int(0, 90)
  const row = times(random.int(5, 10), (i) => from + i)
  const written = row.map((n) => `${n} ${context.in({ en: englishNumber(n), zh: chineseNumber(n) })}`)
  const order = random.chance(0.5) ? row : [...row].reverse()
  const [a, b] = random.sample(row, 2)
  const bigger = context.in({
    en: `${Math.max(a, b)} is bigger than ${Math.min(a, b)}.`,
    zh: `${Math.max(a, b)}比${Math.min(a, b)}大。`,
  })
  return [order.join(', '), written.join('\n'), bigger].join('\n')
}

function pairs(context: Context): string {
  const chosen = context.random.sample(context.random.chance(0.8) ? wordPairs : phrasePairs, 8)
  const english = context.language === 'en'
  const sentence = ({ en, zh }: { en: string; zh: string }) =>
    context.in({ en: `The Chinese for "${en}" is "${zh}".`, zh: `“${zh}”的英文是“${en}”。` })
  if (context.random.chance(0.5))
    return chosen.map((pair) => (english ? `${pair.en} = ${pair.zh}` : `${pair.zh} = ${pair.en}`)).join('\n')
  return join(context, chosen.map(sentence))
}

/** What is told about one person, and the questions that it answers. */
function portrait(context: Context): string {
  const slots = {
    name: context.draw(context.in(personNames)),
    city: context.draw(context.in(cities)),
    job: context.draw(context.in(jobs)),
    food: context.draw(context.in(foods)),
    colour: context.draw(context.in(colours)),
    hobby: context.draw(context.in(hobbies)),
    kind: context.draw(context.in(pets)),
    pet: context.draw(context.in(petNames)),
    plan: context.draw(context.in(plans)),
    day: context.random.pick(context.in(weekdays)),
    animal: context.draw(context.in(animals)),
    month: context.random.pick(context.in(months)),
    age: context.random.int(6, 90),
  }
  const facts = {
    en: [
      '$name lives in $city.',
      '$name works as $anJob.',
      '$name likes to eat $food.',
      'The favourite colour of $name is $colour.',
      'The hobby of $name is $hobby.',
      '$name has $anKind called $pet.',
      '$name will $plan on $day.',
      '$name loves $animal.',
      '$name was born in $month.',
      '$name is $age years old.',
    ],
    zh: [
      '$name住在$city。',
      '$name是一名$job。',
      '$name喜欢吃$food。',
      '$name最喜欢的颜色是$colour。',
      '$name的爱好是$hobby。',
      '$name有一只$kind，名字叫$pet。',
      '$name$day要$plan。',
      '$name最喜欢的动物是$animal。',
      '$name是$month出生的。',
      '$name今年$age岁。',
    ],
  }
  const questions = {
    en: [
      'Where does $name live? In $city.',
      'What is the job of $name? $name works as $anJob.',
      'What does $name like to eat? $food.',
      'Which colour does $name like? $colour.',
      'What is the hobby of $name? $hobby.',
      'What is the $kind called? $pet.',
      'What will $name do on $day? $plan.',
      'Which animals does $name love? $animal.',
      'When was $name born? In $month.',
      'How old is $name? $age.',
    ],
    zh: [
      '$name住在哪里？$city。',
      '$name是做什么的？$job。',
      '$name喜欢吃什么？$food。',
      '$name喜欢什么颜色？$colour。',
      '$name的爱好是什么？$hobby。',
      '$kind叫什么？$pet。',
      '$name$day要做什么？$plan。',
      '$name喜欢什么动物？$animal。',
      '$name几月出生？$month。',
      '$name多大？$age岁。',
    ],
  }
  const chosen = context.random.sample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], context.random.int(3, 6))
  const told = chosen.map((i) => fill(context.in(facts)[i], slots))
  const asked = context.random
    .shuffle(chosen)
    .slice(0, 3)
    .map((i) => fill(context.in(questions)[i], slots))
  return `${join(context, told)}\n${asked.join('\n')}`
}

function scene(context: Context): string {
  const { random } = context
  const lines = times(random.int(3, 6), () => {
    const slots = {
      name: context.draw(context.in(personNames)),
      thing: context.draw(context.in(objects)),
      other: context.draw(context.in(objects)),
      colour: context.draw(context.in(colours)),
      place: context.draw(context.in(places)),
      food: context.draw(context.in(foods)),
    }
    return context.reply(
      {
        en: [
          'The $thing is $colour.',
          '$name is at $place.',
          '$name has $anThing and $anOther.',
          '$name sees the $colour $thing.',
          '$name eats $food at $place.',
          'The $thing lies beside the $other.',
          'Where is the $thing? It is at $place.',
        ],
        zh: [
          '$thing是$colour的。',
          '$name在$place。',
          '$name有$thing和$other。',
          '$name看见了$colour的$thing。',
          '$name在$place吃$food。',
          '$thing在$other旁边。',
          '$thing在哪里？在$place。',
        ],
      },
      slots,
    )
  })
  return join(context, lines)
}

function listed(context: Context): string {
  const items = context.drawSome(
    context.in(context.random.pick([objects, foods, animals, colours, cities])),
    context.random.int(3, 6),
  )
  const comma = context.in({ en: ', ', zh: '、' })
  return context
    .in({
      en: [
        `A list: ${items.join(comma)}.`,
        `There are ${items.length} items.`,
        `The first is ${items[0]}, the last is ${items[items.length - 1]}.`,
        `Backwards: ${[...items].reverse().join(comma)}.`,
      ],
      zh: [
        `列表：${items.join(comma)}。`,
        `一共有${items.length}个。`,
        `第一个是${items[0]}，最后一个是${items[items.length - 1]}。`,
        `倒过来：${[...items].reverse().join(comma)}。`,
      ],
    })
    .join('\n')
}

function kinds(context: Context): string {
  const [kind, members] = context.random.pick(Object.entries(context.in(categories)))
  const chosen = context.random.sample(members, 5)
  const [a, b] = context.random.sample(context.in(opposites), 2)
  return context
    .in({
      en: [
        `${chosen.join(', ')}: each is a kind of ${kind}.`,
        `Is ${chosen[0]} a kind of ${kind}? Yes, ${chosen[0]} is a kind of ${kind}.`,
        `The opposite of ${a[0]} is ${a[1]}. The opposite of ${b[0]} is ${b[1]}.`,
      ],
      zh: [
        `${chosen.join('、')}都是${kind}。`,
        `${chosen[0]}是${kind}吗？是的，${chosen[0]}是${kind}。`,
        `${a[0]}的反义词是${a[1]}，${b[0]}的反义词是${b[1]}。`,
      ],
    })
    .join('\n')
}

function world(context: Context): string {
  const cities5 = context.random
    .sample(capitals, 5)
    .map(({ country, capital }) =>
      context.in({ en: `The capital of ${country.en} is ${capital.en}.`, zh: `${country.zh}的首都是${capital.zh}。` }),
    )
  const facts = context.random.sample(simpleFacts, 3).map((fact) => context.in(fact.answer))
  const series = context.in(context.random.pick([weekdays, months]))
  const at = context.random.int(0, series.length - 2)
  const order = context.in({
    en: `After ${series[at]} comes ${series[at + 1]}.`,
    zh: `${series[at]}后面是${series[at + 1]}。`,
  })
  return join(context, context.random.shuffle([...cities5, ...facts, order]))
}

function about(context: Context): string {
  const { document, slots, text } = drawDocument(context)
  const questions = context.random
    .sample(document.fields, 3)
    .map((field) => `${context.say(field.ask, slots).user}\n${context.reply(field.reply, slots)}`)
  return [text.user, fill(context.in(document.gist), slots), ...questions].join('\n')
}

/** Questions and answers of all skills, as running text. */
function dialogue(context: Context): string {
  const [ask, answer] = context.in({ en: ['Question: ', 'Answer: '], zh: ['问：', '答：'] })
  const exchanges = times(context.random.int(2, 4), () => context.random.pick(skills).make(context)[0])
  return exchanges.map((one) => `${ask}${one.user}\n${answer}${one.answer}`).join('\n')
}

function counting(context: Context): string {
  const lines = times(4, () => {
    const thing = context.draw(context.in(objects))
    const [a, b] = [context.random.int(1, 9), context.random.int(1, 9)]
    const name = context.draw(context.in(personNames))
    return context.in({
      en: `${name} has ${a} ${a === 1 ? thing : plural(thing)} and gets ${b} more. Now ${name} has ${a + b}.`,
      zh: `${name}有${a}个${thing}，又得到${b}个，现在有${a + b}个。`,
    })
  })
  return lines.join('\n')
}

export const proseTopics: readonly ProseTopic[] = [
  { name: 'sums', write: sums },
  { name: 'numbers', write: numbers },
  { name: 'pairs', write: pairs },
  { name: 'portrait', write: portrait },
  { name: 'portrait', write: portrait },
  { name: 'scene', write: scene },
  { name: 'list', write: listed },
  { name: 'kinds', write: kinds },
  { name: 'world', write: world },
  { name: 'about', write: about },
  { name: 'dialogue', write: dialogue },
  { name: 'dialogue', write: dialogue },
  { name: 'counting', write: counting },
]
