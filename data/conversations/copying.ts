/** Copying text character for character, and small changes to a text. */
import { chineseNames, englishNames } from './names.ts'
import type { Context, Exchange, Skill } from './skill.ts'
import { withArticle, wording } from './wording.ts'
import { cities, colours, foods, objects, places, plans } from './words.ts'

const repeat = wording('copy.repeat', {
  en: [
    '{Repeat|Copy|Say|Write|Echo} {this|the following|this text|exactly this|after me}: $text',
    '{Repeat|Copy|Say} {exactly|word for word|only} this: $text',
    '{Please repeat|Please copy|Can you repeat|Now repeat}: $text',
    'Repeat "$text"{.|}',
    '~{Give this back to me unchanged|Type this out again|Reproduce this text}: $text',
    '~{Answer with this text only|Your answer must be}: $text',
  ],
  zh: [
    '{重复|复述|照抄|跟我说|说|写出|抄写}{这句话|下面的话|以下内容|这个|}：$text',
    '{请重复|请照抄|请原样重复|原样输出|请一字不差地重复|只输出}：$text',
    '重复“$text”{。|}',
    '~{把这个原封不动地还给我|请再打一遍|请把它再写一遍}：$text',
    '~{你的回答只能是|只用这句话回答}：$text',
  ],
})

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ'

function code(context: Context): string {
  const { random } = context
  const digits = (count: number) => Array.from({ length: count }, () => random.int(0, 9)).join('')
  const capital = (count: number) => Array.from({ length: count }, () => random.pick([...letters])).join('')
  return random.pick([
    () => digits(random.int(2, 8)),
    () => `${capital(random.int(1, 3))}-${digits(random.int(2, 4))}`,
    () => `${capital(1)}${digits(1)}${capital(1)}${digits(1)}`,
    () => Array.from({ length: random.int(3, 6) }, () => digits(1)).join(' '),
  ])()
}

function sentence(context: Context): string {
  const name = context.random.pick(context.in({ en: englishNames, zh: chineseNames }))
  const thing = context.draw(context.in(objects))
  const place = context.draw(context.in(places))
  const colour = context.draw(context.in(colours))
  const options = {
    en: [
      `The ${thing} is ${colour}.`,
      `${name} is at ${place}.`,
      `${name} has ${withArticle(`${colour} ${thing}`)}.`,
      `I want to ${context.draw(plans.en)}.`,
      `We eat ${context.draw(foods.en)} in ${context.draw(cities.en)}.`,
      `Is the ${thing} at ${place}?`,
    ],
    zh: [
      `${thing}是${colour}的。`,
      `${name}在${place}。`,
      `${name}有一个${colour}的${thing}。`,
      `我想${context.draw(plans.zh)}。`,
      `我们在${context.draw(cities.zh)}吃${context.draw(foods.zh)}。`,
      `${thing}在${place}吗？`,
    ],
  }
  return context.random.pick(context.in(options))
}

function words(context: Context): string {
  const chosen = context.drawSome(context.in(objects), context.random.int(1, 4))
  return chosen.join(context.in({ en: ' ', zh: '、' }))
}

/** A text worth copying: words, a sentence, a code, a name. */
export function copyText(context: Context): string {
  const name = () => context.random.pick(context.in({ en: englishNames, zh: chineseNames }))
  return context.random.pick([
    () => code(context),
    () => sentence(context),
    () => sentence(context),
    () => words(context),
    name,
  ])()
}

function copy(context: Context): Exchange {
  const text = copyText(context)
  return context.ask('copy', repeat, { text }, text, [{ kind: 'exact', value: text }])
}

const quote = wording('copy.quote', {
  en: [
    '{Put|Write|Say} {this|the following} in {quotes|quotation marks|double quotes}: $text',
    '{Quote|Please quote} {this|the following}: $text',
    '~{Surround this with quotation marks|Add quotes around this}: $text',
  ],
  zh: [
    '{把这个|把下面的话|把这句话}{加上引号|放进引号里|用引号括起来}：$text',
    '{请|}{给这句话|给下面的内容}加引号：$text',
    '~{用引号包住它|在两边添上引号}：$text',
  ],
})

const twice = wording('copy.twice', {
  en: [
    '{Say|Write|Repeat} {this|the word|it} {twice|two times}: $text',
    '{Write|Say} $text {twice|two times}.',
    '~{Give me this word double|I want to read this twice}: $text',
  ],
  zh: [
    '{说|写|重复}{两遍|两次}：$text',
    '把$text{写两遍|说两遍|重复两次}。',
    '~{这个词给我来双份|我要看到它出现两次}：$text',
  ],
})

const capitals = wording('copy.capitals', {
  en: [
    '{Write|Put|Say} {this|the following} in {capital letters|capitals|upper case|uppercase}: $text',
    '{Turn this into|Change this to} {capital letters|upper case}: $text',
    '~{Capitalise every letter|Make all letters big}: $text',
  ],
  zh: [
    '{把这个|把下面的词|把这个词}{变成大写|改成大写|写成大写|转成大写}：$text',
    '{请|}用大写{写|写出}：$text',
    '~{每个字母都换成大写|请全部大写}：$text',
  ],
})

function change(context: Context): Exchange {
  const { random } = context
  const kind = random.int(0, 2)
  if (kind === 0) {
    const text = random.chance(0.5) ? sentence(context) : words(context)
    const answer = context.in({ en: `"${text}"`, zh: `“${text}”` })
    return context.ask('format', quote, { text }, answer, [
      { kind: 'any', values: [`"${text}"`, `“${text}”`, `「${text}」`] },
    ])
  }
  if (kind === 1) {
    const text = context.draw(context.in(objects))
    const answer = context.in({ en: `${text} ${text}`, zh: `${text}，${text}` })
    return context.ask('format', twice, { text }, answer, [
      {
        kind: 'any',
        values: [
          `${text} ${text}`,
          `${text}，${text}`,
          `${text}, ${text}`,
          `${text}${text}`,
          `${text}。${text}`,
          `${text}、${text}`,
        ],
      },
    ])
  }
  const text = context.drawSome(objects.en, random.int(1, 2)).join(' ')
  return context.ask('format', capitals, { text }, text.toUpperCase(), [{ kind: 'exact', value: text.toUpperCase() }])
}

export const copying: Skill = { name: 'copy', weight: 9, make: (context) => [copy(context)] }
export const formatting: Skill = { name: 'format', weight: 4, practice: 1.5, make: (context) => [change(context)] }
